package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.Rows;

/// Rows without gaps.
record CudaBuffer(Rows rows, int columns, long address) implements DeviceBuffer {

    static final CudaBuffer NONE = new CudaBuffer(Rows.TOKENS, 0, 0);
}
