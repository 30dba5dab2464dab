package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.Matrix;
import java.lang.foreign.MemorySegment;

/// A matrix in groups of 64 rows, off-heap.
record CpuMatrix(TensorType type, int rows, int columns, RowLayout layout, MemorySegment weights) implements Matrix {

    static int groups(int rows) {
        return Math.ceilDiv(rows, RowLayout.GROUP_ROWS);
    }

    static long bytes(RowLayout layout, int rows, int columns) {
        return layout.groupBytes(columns) * groups(rows);
    }

    int groups() {
        return groups(rows);
    }

    /// Where that group begins.
    long offset(int group) {
        return layout.groupBytes(columns) * group;
    }
}
