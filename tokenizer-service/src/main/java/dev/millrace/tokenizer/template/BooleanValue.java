package dev.millrace.tokenizer.template;

/// `True` or `False`; in arithmetic they are 1 and 0.
enum BooleanValue implements Value {
    FALSE,
    TRUE;

    static BooleanValue of(boolean value) {
        return value ? TRUE : FALSE;
    }

    boolean value() {
        return this == TRUE;
    }

    @Override
    public String typeName() {
        return "bool";
    }
}
