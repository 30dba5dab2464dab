package dev.millrace.tokenizer.template;

/// A floating-point number.
///
/// @param trusted false where the number came from the template's input
record FloatValue(double value, boolean trusted) implements Value {
    @Override
    public String typeName() {
        return "float";
    }
}
