package dev.millrace.worker.engine;

/// The end of an epoch by an error: the stage computes nothing more until it is set up anew.
///
/// @param epoch the epoch that ended
/// @param message one sentence about what went wrong
/// @param cause the error itself
public record EngineFailure(long epoch, String message, Throwable cause) {}
