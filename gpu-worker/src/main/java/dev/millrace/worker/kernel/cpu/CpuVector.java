package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.DeviceVector;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Values followed by zeros up to the next multiple of 64, off-heap.
record CpuVector(int size, MemorySegment values) implements DeviceVector {

    /// Address of what belongs to a group of rows, 0 where there is no vector.
    static long address(@Nullable CpuVector vector, int group) {
        return vector == null ? 0 : vector.values().address() + (long) group * RowLayout.COLUMN_BYTES;
    }
}
