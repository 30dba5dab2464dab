package dev.millrace.worker.kernel.cuda;

import org.jspecify.annotations.Nullable;

/// What is to be done with the heads of a buffer: first a norm, then a turn.
final class HeldHeads {

    CudaBuffer heads = CudaBuffer.NONE;

    @Nullable
    CudaVector norm;

    boolean turns;

    boolean isEmpty() {
        return heads.columns() == 0;
    }

    void clear() {
        heads = CudaBuffer.NONE;
        norm = null;
        turns = false;
    }

    void set(CudaBuffer buffer) {
        clear();
        heads = buffer;
    }
}
