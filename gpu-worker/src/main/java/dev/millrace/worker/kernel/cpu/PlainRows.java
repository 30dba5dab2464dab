package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;

/// Activations as products with plain weights take them: rows without gaps, in an array.
///
/// @param values `[token][column]`
record PlainRows(float[] values) {

    /// Room for `rows` rows of `columns` values.
    static PlainRows allocate(int rows, int columns) {
        return new PlainRows(new float[Math.multiplyExact(rows, columns)]);
    }

    static long bytes(int rows, int columns) {
        return (long) Float.BYTES * rows * columns;
    }

    void take(CpuBuffer source, int token) {
        int columns = source.columns();
        MemorySegment.copy(source.values(), CpuBuffer.FLOAT, source.offset(token), values, token * columns, columns);
    }
}
