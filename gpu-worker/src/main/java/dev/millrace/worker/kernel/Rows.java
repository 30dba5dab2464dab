package dev.millrace.worker.kernel;

/// What a row of a buffer stands for, which says how many there are in a step.
public enum Rows {
    /// A token of the step.
    TOKENS,
    /// A token after which the next one is sampled.
    SAMPLES
}
