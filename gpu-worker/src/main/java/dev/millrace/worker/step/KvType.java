package dev.millrace.worker.step;

/// How keys and values are kept. All stages of a pipeline have the same.
public enum KvType {
    /// Half precision, 2 bytes a value. What is smaller than the smallest normal number is kept as 0, what is larger
    /// than the largest one as the largest.
    F16,
    /// Blocks of 32 values of a head, a byte each, that share a half-precision scale: 1.06 bytes a value.
    Q8_0,
    /// As it was computed, 4 bytes a value.
    F32
}
