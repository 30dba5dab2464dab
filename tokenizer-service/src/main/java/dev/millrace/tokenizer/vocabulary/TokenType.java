package dev.millrace.tokenizer.vocabulary;

/// What a token is for: `tokenizer.ggml.token_type`, in the order of GGUF's numbers.
public enum TokenType {
    UNDEFINED,
    NORMAL,
    UNKNOWN,
    /// Steers the model (`<|im_start|>`): never made from text that is not trusted, and has no text of its own.
    CONTROL,
    /// Added by whoever made the model: found in any text before everything else, and shown as it is.
    USER_DEFINED,
    UNUSED,
    /// One byte, for text that no other token covers.
    BYTE;

    private static final TokenType[] VALUES = values();

    static TokenType of(int id, long number) {
        if (number < 0 || number >= VALUES.length) {
            throw new VocabularyException("tokenizer.ggml.token_type of token %d is %d; 0 to %d are known"
                    .formatted(id, number, VALUES.length - 1));
        }
        return VALUES[(int) number];
    }

    static TokenType ofOrdinal(int ordinal) {
        return VALUES[ordinal];
    }

    /// Whether text may become such a token by merging and matching. The others come from special tokens that are
    /// parsed, or from bytes.
    boolean isMadeFromText() {
        return this == NORMAL || this == USER_DEFINED || this == UNUSED || this == UNDEFINED;
    }

    /// Whether such a token adds to the text that a reader sees.
    boolean isShown() {
        return this == NORMAL || this == USER_DEFINED || this == BYTE;
    }
}
