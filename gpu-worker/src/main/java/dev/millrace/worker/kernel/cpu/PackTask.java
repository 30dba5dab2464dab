package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;

/// Takes over a matrix; a unit is a group of rows.
///
/// @param source rows as GGUF has them
/// @param matrix where they go
record PackTask(MemorySegment source, CpuMatrix matrix) implements Task {

    @Override
    public void run(int group, int thread) {
        pack(group, matrix.offset(group));
    }

    /// Takes over one group to `offset`.
    void pack(int group, long offset) {
        int first = group * RowLayout.GROUP_ROWS;
        int rows = Math.min(RowLayout.GROUP_ROWS, matrix.rows() - first);
        matrix.layout().pack(source, matrix.columns(), first, rows, matrix.weights(), offset);
    }
}
