package dev.millrace.worker.kernel;

/// Memory of a stage in bytes, by purpose.
///
/// @param weightBytes matrices and vectors as the device holds them
/// @param kvBytes keys and values of all KV blocks
/// @param scratchBytes everything else that is needed to compute a step
public record MemoryUse(long weightBytes, long kvBytes, long scratchBytes) {

    /// The sum.
    public long totalBytes() {
        return weightBytes + kvBytes + scratchBytes;
    }
}
