package dev.millrace.tokenizer.template;

/// The `start:stop:step` inside a subscript; `None` where a part is left out.
record SliceValue(Value start, Value stop, Value step) implements Value {
    @Override
    public String typeName() {
        return "slice";
    }
}
