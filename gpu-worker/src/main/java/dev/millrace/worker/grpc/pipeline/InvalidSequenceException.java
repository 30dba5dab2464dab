package dev.millrace.worker.grpc.pipeline;

import java.io.Serial;

/// A submitted sequence with a field that makes no sense; the message names the field, what was found and what is
/// allowed.
final class InvalidSequenceException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    InvalidSequenceException(String message) {
        super(message);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
