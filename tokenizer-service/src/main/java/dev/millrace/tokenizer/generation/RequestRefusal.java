package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.GenerationError;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;

/// A request that cannot be served, or not any further; the message is for the client.
final class RequestRefusal extends RuntimeException {
    /// The trailer that carries the error's machine-readable part.
    static final Metadata.Key<GenerationError> ERROR_KEY =
            Metadata.Key.of("millrace-error-bin", ProtoUtils.metadataMarshaller(GenerationError.getDefaultInstance()));

    private static final long serialVersionUID = 1L;
    private static final int QUEUE_RETRY_SECONDS = 1;
    private static final int PIPELINE_RETRY_SECONDS = 5;

    private final Status.Code status;
    private final transient GenerationError error;

    private RequestRefusal(Status.Code status, String code, String parameter, int retrySeconds, String message) {
        super(message, null, false, false);
        this.status = status;
        error = GenerationError.newBuilder()
                .setCode(code)
                .setParameter(parameter)
                .setRetryAfterSeconds(retrySeconds)
                .build();
    }

    static RequestRefusal unknownModel(String model) {
        return new RequestRefusal(
                Status.Code.NOT_FOUND, "model_not_found", "model", 0, "The model '" + model + "' does not exist.");
    }

    static RequestRefusal invalid(String parameter, String message) {
        return new RequestRefusal(Status.Code.INVALID_ARGUMENT, "invalid_request", parameter, 0, message);
    }

    static RequestRefusal contextLengthExceeded(String parameter, String message) {
        return new RequestRefusal(Status.Code.INVALID_ARGUMENT, "context_length_exceeded", parameter, 0, message);
    }

    static RequestRefusal queueFull(String message) {
        return new RequestRefusal(Status.Code.RESOURCE_EXHAUSTED, "queue_full", "", QUEUE_RETRY_SECONDS, message);
    }

    static RequestRefusal slowReader(String message) {
        return new RequestRefusal(Status.Code.RESOURCE_EXHAUSTED, "slow_reader", "", 0, message);
    }

    static RequestRefusal noPipeline(String message) {
        return new RequestRefusal(Status.Code.UNAVAILABLE, "no_pipeline", "", PIPELINE_RETRY_SECONDS, message);
    }

    static RequestRefusal internal() {
        return new RequestRefusal(
                Status.Code.INTERNAL,
                "internal_error",
                "",
                0,
                "The request failed because of a mistake in the server.");
    }

    GenerationError error() {
        return error;
    }

    /// The refusal as gRPC sends it.
    StatusRuntimeException toStatus() {
        Metadata trailers = new Metadata();
        trailers.put(ERROR_KEY, error);
        return status.toStatus().withDescription(getMessage()).asRuntimeException(trailers);
    }
}
