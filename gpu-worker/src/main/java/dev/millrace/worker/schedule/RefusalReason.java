package dev.millrace.worker.schedule;

/// Why a sequence was not accepted.
public enum RefusalReason {
    /// The waiting queue is full; a later try may work.
    QUEUE_FULL,
    /// The sequence can never fit into this pipeline.
    TOO_LONG,
    /// A field makes no sense, such as a token id outside the vocabulary.
    INVALID
}
