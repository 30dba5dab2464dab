package dev.millrace.tokenizer.vocabulary;

/// The vocabulary of a model file cannot be used. The message is one line for a person: which key or token, what is
/// wrong with it, what would be right.
public final class VocabularyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public VocabularyException(String message) {
        super(message);
    }
}
