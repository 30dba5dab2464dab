package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;

/// Activations as products with plain weights take them: rows without gaps, `[token][column]`.
///
/// @param values for the Vector API
/// @param memory the same, for native kernels
/// @param forNative which of the two is there
record PlainRows(float[] values, MemorySegment memory, boolean forNative) {

    /// Room (none for arrays when `measuring`) for `rows` rows of `columns` values, either for native kernels or for
    /// the Vector API.
    static PlainRows allocate(
            int rows, int columns, boolean forNative, boolean measuring, LongFunction<MemorySegment> memory) {
        return new PlainRows(
                new float[forNative || measuring ? 0 : Math.multiplyExact(rows, columns)],
                memory.apply(forNative ? bytes(rows, columns) : 0),
                forNative);
    }

    static long bytes(int rows, int columns) {
        return (long) Float.BYTES * rows * columns;
    }

    void take(CpuBuffer source, int token) {
        int columns = source.columns();
        take(source.values(), source.offset(token), (long) token * columns, columns);
    }

    /// Takes over `count` values that stand at byte `offset` of `source`, from `index` on.
    void take(MemorySegment source, long offset, long index, int count) {
        if (forNative) {
            MemorySegment.copy(source, offset, memory, Float.BYTES * index, (long) Float.BYTES * count);
        } else {
            MemorySegment.copy(source, CpuBuffer.FLOAT, offset, values, (int) index, count);
        }
    }
}
