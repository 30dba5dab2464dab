package dev.millrace.gateway.generation;

/// A stream that ended before its first event because nobody was there; opening it once more can do no harm.
final class OpeningFailedException extends RuntimeException {
    OpeningFailedException(Throwable cause) {
        super(cause.getMessage(), cause, false, false);
    }
}
