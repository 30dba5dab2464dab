package dev.millrace.tokenizer.template;

/// Python's `is`: the very same value, not an equal one.
final class Identity {
    private Identity() {}

    @SuppressWarnings("ReferenceEquality") // identity is what is asked for
    static boolean same(Value left, Value right) {
        return left == right;
    }
}
