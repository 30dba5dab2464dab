package dev.millrace.gguf;

/// Something in a GGUF file is not as it must be. The message is one line for a person: what is wrong, where (file,
/// byte,
/// key or tensor) and what would be right. Text taken from the file is escaped and shortened in it.
public final class GgufException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public GgufException(String message) {
        super(message);
    }
}
