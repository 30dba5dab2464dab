package dev.millrace.worker.grpc.link;

import java.io.Serial;

/// A frame from another process that is not what the contract allows; the message says what was found and what would
/// be right.
final class FrameException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    FrameException(String message) {
        super(message);
    }
}
