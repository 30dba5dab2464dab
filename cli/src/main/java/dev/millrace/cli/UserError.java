package dev.millrace.cli;

/// Something that the person at the terminal can put right. The message is the one line they see.
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UserError(String message) {
        super(message);
    }
}
