package dev.millrace.worker.grpc.link;

import io.grpc.Status;
import java.io.Serial;

/// A caller that is not let in, with the status that ends its call.
final class RefusedHelloException extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Status status;

    RefusedHelloException(Status status, String reason) {
        super(reason);
        this.status = status.withDescription(reason);
    }

    Status status() {
        return status;
    }
}
