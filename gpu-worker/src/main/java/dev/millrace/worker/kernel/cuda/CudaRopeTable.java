package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.RopePairs;
import dev.millrace.worker.kernel.RopeTable;

/// Frequencies, and the cosines and sines of the current step's positions.
///
/// @param radians address of the frequencies `[size] f64`
/// @param angles address of cosines and sines `[T, size, 2] f32`
/// @param size pairs of a head
record CudaRopeTable(long radians, float magnitude, RopePairs pairs, int size, long angles) implements RopeTable {

    /// What the angles of a step take.
    static long angleBytes(int size, int maxTokens) {
        return 2L * Float.BYTES * size * maxTokens;
    }
}
