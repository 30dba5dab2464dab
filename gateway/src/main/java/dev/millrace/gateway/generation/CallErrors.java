package dev.millrace.gateway.generation;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.proto.v1.GenerationError;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;

/// Turns failed calls into what a client is told. Only a failure that carries a [GenerationError] was worded for
/// clients; of any other one just the kind is passed on.
final class CallErrors {
    static final Metadata.Key<GenerationError> DETAILS =
            Metadata.Key.of("millrace-error-bin", ProtoUtils.metadataMarshaller(GenerationError.getDefaultInstance()));

    private static final Logger LOG = LoggerFactory.getLogger(CallErrors.class);

    private CallErrors() {}

    /// True when no tokenizer-service answered at all, so that another try can do no harm.
    static boolean isNobodyThere(Throwable failure) {
        return failure instanceof StatusRuntimeException call
                && call.getStatus().getCode() == Status.Code.UNAVAILABLE
                && details(call) == null;
    }

    /// The error for a client; a failure that is none of a call's is passed through.
    static Throwable forClient(Throwable failure) {
        return switch (failure) {
            case StatusRuntimeException call -> error(call).exception();
            case OpeningFailedException nobody -> notReachable().exception();
            case CallNotPermittedException open -> notReachable().exception();
            case TimeoutException slow ->
                ApiError.unavailable("the tokenizer-service did not answer in time", "timeout", 1)
                        .exception();
            default -> failure;
        };
    }

    private static ApiError error(StatusRuntimeException call) {
        Status status = call.getStatus();
        GenerationError details = details(call);
        String message = status.getDescription();
        if (details == null || message == null || message.isBlank()) {
            return bare(call);
        }
        String code = blankToNull(details.getCode());
        String parameter = blankToNull(details.getParameter());
        int retryAfter = details.getRetryAfterSeconds();
        return switch (status.getCode()) {
            case INVALID_ARGUMENT, OUT_OF_RANGE, FAILED_PRECONDITION ->
                ApiError.invalidRequest(HttpStatus.BAD_REQUEST, message, parameter, code);
            case NOT_FOUND -> ApiError.invalidRequest(HttpStatus.NOT_FOUND, message, parameter, code);
            case RESOURCE_EXHAUSTED ->
                ApiError.tooManyRequests(message, code == null ? "queue_full" : code, retryAfter);
            case UNAVAILABLE, CANCELLED, ABORTED, DEADLINE_EXCEEDED ->
                ApiError.unavailable(message, code == null ? "unavailable" : code, retryAfter);
            default -> ApiError.serverError(message);
        };
    }

    private static ApiError bare(StatusRuntimeException call) {
        Status status = call.getStatus();
        String message = status.getDescription();
        return switch (status.getCode()) {
            case INVALID_ARGUMENT, OUT_OF_RANGE ->
                ApiError.invalidRequest(
                        HttpStatus.BAD_REQUEST,
                        message == null ? "the tokenizer-service refused the request" : message,
                        null,
                        null);
            case NOT_FOUND ->
                ApiError.invalidRequest(
                        HttpStatus.NOT_FOUND, message == null ? "there is no such model" : message, null, null);
            case RESOURCE_EXHAUSTED -> exhausted(message);
            case UNAVAILABLE, CANCELLED -> notReachable();
            case DEADLINE_EXCEEDED ->
                ApiError.unavailable("the tokenizer-service did not answer in time", "timeout", 1);
            default -> {
                LOG.error("A call to the tokenizer-service failed: {}", status);
                yield ApiError.serverError("the tokenizer-service failed; its log says why");
            }
        };
    }

    /// gRPC itself uses this status for messages above a limit, where a retry would be in vain.
    private static ApiError exhausted(@Nullable String message) {
        if (message != null && message.contains("exceeds maximum size")) {
            return ApiError.invalidRequest(
                    HttpStatus.CONTENT_TOO_LARGE,
                    "the request is larger than the tokenizer-service takes",
                    null,
                    "body_too_large");
        }
        return ApiError.tooManyRequests("the tokenizer-service has too much to do", "queue_full", 1);
    }

    private static ApiError notReachable() {
        return ApiError.unavailable("no tokenizer-service can be reached", "tokenizer_unavailable", 1);
    }

    private static @Nullable GenerationError details(StatusRuntimeException call) {
        Metadata trailers = call.getTrailers();
        try {
            return trailers == null ? null : trailers.get(DETAILS);
        } catch (IllegalArgumentException broken) {
            return null;
        }
    }

    private static @Nullable String blankToNull(String text) {
        return text.isBlank() ? null : text;
    }
}
