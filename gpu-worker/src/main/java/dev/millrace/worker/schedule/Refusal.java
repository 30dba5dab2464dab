package dev.millrace.worker.schedule;

/// A sequence that was not accepted.
///
/// @param reason why
/// @param message one sentence with the numbers
public record Refusal(RefusalReason reason, String message) {}
