package dev.millrace.worker.grpc.transport;

import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/// Words for the end of a call.
public final class Reasons {

    private Reasons() {}

    /// The status with its description, and what stands behind it (a refused connection, say).
    public static String of(Status status) {
        String description = status.getDescription();
        String cause = message(status.getCause());
        String words = description == null ? status.getCode().name() : description;
        return cause == null || words.contains(cause) ? words : words + " (" + cause + ")";
    }

    private static @Nullable String message(@Nullable Throwable cause) {
        return cause == null ? null : cause.getMessage();
    }
}
