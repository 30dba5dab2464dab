package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.Rows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Rows that are padded with zeros to a multiple of 64 values, off-heap: kernels work on whole vectors, and zeros stay
/// zeros in all of them.
record CpuBuffer(Rows rows, int columns, MemorySegment values) implements DeviceBuffer {

    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT.withOrder(Lanes.ORDER);

    /// `columns` with the padding.
    static int padded(int columns) {
        return Math.ceilDiv(columns, RowLayout.GROUP_ROWS) * RowLayout.GROUP_ROWS;
    }

    /// Values from one row to the next.
    int stride() {
        return padded(columns);
    }

    /// Where a row begins, in bytes.
    long offset(int row) {
        return (long) Float.BYTES * stride() * row;
    }
}
