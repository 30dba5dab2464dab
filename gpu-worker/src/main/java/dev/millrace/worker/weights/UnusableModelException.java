package dev.millrace.worker.weights;

/// A model file is well-formed but cannot be served: what is missing, does not fit or is not supported, and in which
/// file. The message is meant for the user.
public final class UnusableModelException extends RuntimeException {

    public UnusableModelException(String message) {
        super(message);
    }
}
