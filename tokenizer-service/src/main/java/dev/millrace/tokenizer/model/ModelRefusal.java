package dev.millrace.tokenizer.model;

/// A model file that cannot be served; the message is one line for the person who named it.
public final class ModelRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ModelRefusal(String message) {
        super(message);
    }

    ModelRefusal(String message, Throwable cause) {
        super(message, cause);
    }
}
