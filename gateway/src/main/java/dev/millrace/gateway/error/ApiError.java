package dev.millrace.gateway.error;

import dev.millrace.gateway.json.JsonText;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/// What a client is told when its request cannot be answered, in the shape of OpenAI's error object.
///
/// @param status the HTTP status
/// @param type the family of the error, such as `invalid_request_error`
/// @param message one sentence for people: what is wrong and what is allowed
/// @param parameter the field of the request that caused it
/// @param code a short word for programs
/// @param retryAfterSeconds after how many seconds a retry may help, or 0
public record ApiError(
        HttpStatus status,
        String type,
        String message,
        @Nullable String parameter,
        @Nullable String code,
        int retryAfterSeconds) {

    private static final String INVALID_REQUEST = "invalid_request_error";

    /// A request that is wrong in itself and will be wrong again.
    public static ApiError invalidRequest(
            HttpStatus status, String message, @Nullable String parameter, @Nullable String code) {
        return new ApiError(status, INVALID_REQUEST, message, parameter, code, 0);
    }

    /// More work than can be taken now.
    public static ApiError tooManyRequests(String message, String code, int retryAfterSeconds) {
        return new ApiError(
                HttpStatus.TOO_MANY_REQUESTS, "rate_limit_error", message, null, code, Math.max(1, retryAfterSeconds));
    }

    /// Nobody is there who could do the work.
    public static ApiError unavailable(String message, String code, int retryAfterSeconds) {
        return new ApiError(
                HttpStatus.SERVICE_UNAVAILABLE,
                "service_unavailable",
                message,
                null,
                code,
                Math.max(1, retryAfterSeconds));
    }

    /// A fault on this side of the wire; details are in the log only.
    public static ApiError serverError(String message) {
        return new ApiError(HttpStatus.INTERNAL_SERVER_ERROR, "server_error", message, null, null, 0);
    }

    /// The error object: `{"error":{"message":..,"type":..,"param":..,"code":..}}`.
    public String toJson() {
        StringBuilder out = new StringBuilder(160);
        out.append("{\"error\":{\"message\":");
        JsonText.quote(out, message);
        out.append(",\"type\":");
        JsonText.quote(out, type);
        out.append(",\"param\":");
        JsonText.quoteOrNull(out, parameter);
        out.append(",\"code\":");
        JsonText.quoteOrNull(out, code);
        return out.append("}}").toString();
    }

    /// This error as something to throw.
    public ApiException exception() {
        return new ApiException(this);
    }
}
