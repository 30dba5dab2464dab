package dev.millrace.gateway.error;

/// Carries an [ApiError] to where the answer is written. It has no stack trace: the error is the client's, not ours.
public final class ApiException extends RuntimeException {
    private final transient ApiError error;

    ApiException(ApiError error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    /// What the client is told.
    public ApiError error() {
        return error;
    }
}
