package dev.millrace.tokenizer.config;

/// A setting with which the service does not start; the message is one line for the person who set it.
final class StartRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartRefusal(String message) {
        super(message);
    }
}
