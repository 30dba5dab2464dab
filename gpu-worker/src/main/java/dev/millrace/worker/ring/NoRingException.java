package dev.millrace.worker.ring;

import java.io.Serial;

/// There is no common memory, and why; rows go another way then.
public final class NoRingException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    NoRingException(String message) {
        super(message);
    }
}
