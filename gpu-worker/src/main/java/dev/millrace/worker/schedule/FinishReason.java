package dev.millrace.worker.schedule;

/// Why a sequence ended by itself.
public enum FinishReason {
    /// The model gave one of the sequence's end tokens.
    STOP,
    /// The token limit or the end of the context was reached.
    LENGTH
}
