package dev.millrace.worker.grpc.link;

import io.grpc.Status;
import java.io.Serial;

/// A frame from another process that does not belong here; the message says what was found and what would be right.
final class FrameException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Status.Code code;

    private FrameException(Status.Code code, String message) {
        super(message);
        this.code = code;
    }

    /// The frame is broken, or out of order.
    FrameException(String message) {
        this(Status.Code.INVALID_ARGUMENT, message);
    }

    static FrameException wrongEpoch(long found, long expected) {
        return new FrameException(
                Status.Code.FAILED_PRECONDITION,
                "the frame is of epoch " + Long.toUnsignedString(found) + ", this stage of epoch " + expected);
    }

    /// What ends the stream.
    Status status() {
        return code.toStatus().withDescription(getMessage());
    }
}
