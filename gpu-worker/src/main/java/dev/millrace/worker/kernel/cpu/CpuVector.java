package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.DeviceVector;
import java.lang.foreign.MemorySegment;

/// Values followed by zeros up to the next multiple of 64, off-heap.
record CpuVector(int size, MemorySegment values) implements DeviceVector {}
