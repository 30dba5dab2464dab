package dev.millrace.tokenizer.placement;

import dev.millrace.proto.v1.WorkerHello;
import io.grpc.Status;
import java.util.Optional;

/// Decides whether a worker may register.
final class HelloCheck {
    /// Version of the contract between workers and this service.
    static final int PROTOCOL_VERSION = 1;

    private final String modelDigest;

    HelloCheck(String modelDigest) {
        this.modelDigest = modelDigest;
    }

    /// Why the worker is refused, or empty.
    Optional<Status> refusal(WorkerHello hello) {
        if (hello.getProtocolVersion() != PROTOCOL_VERSION) {
            return Optional.of(Status.FAILED_PRECONDITION.withDescription("The worker speaks protocol version "
                    + hello.getProtocolVersion() + ", this service speaks version " + PROTOCOL_VERSION + "."));
        }
        if (!hello.getModelDigest().equals(modelDigest)) {
            return Optional.of(Status.FAILED_PRECONDITION.withDescription(
                    "The worker has another model file: the digest of its header is " + hello.getModelDigest()
                            + ", this service's is " + modelDigest + "."));
        }
        if (hello.getWorkerId().isBlank()) {
            return Optional.of(Status.INVALID_ARGUMENT.withDescription("The worker gives no worker_id."));
        }
        if (!isHostAndPort(hello.getAddress())) {
            return Optional.of(Status.INVALID_ARGUMENT.withDescription(
                    "The worker's address is '" + hello.getAddress() + "', wanted is host:port."));
        }
        return Optional.empty();
    }

    private static boolean isHostAndPort(String address) {
        int colon = address.lastIndexOf(':');
        if (colon < 1) {
            return false;
        }
        try {
            int port = Integer.parseInt(address.substring(colon + 1));
            return port > 0 && port < 65536;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
