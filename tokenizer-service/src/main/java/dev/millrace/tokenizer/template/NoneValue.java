package dev.millrace.tokenizer.template;

/// Python's `None`.
enum NoneValue implements Value {
    NONE;

    @Override
    public String typeName() {
        return "NoneType";
    }
}
