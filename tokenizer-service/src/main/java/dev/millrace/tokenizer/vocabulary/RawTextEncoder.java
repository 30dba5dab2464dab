package dev.millrace.tokenizer.vocabulary;

/// Encodes text that holds no special tokens.
@FunctionalInterface
interface RawTextEncoder {
    /// Appends the tokens of the chars `[from, to)` of `text`, at least one.
    ///
    /// @param first whether nothing but a special token, or nothing at all, is before them
    void encode(String text, int from, int to, boolean first, TokenIds tokens);
}
