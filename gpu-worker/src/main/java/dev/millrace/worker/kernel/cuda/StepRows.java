package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;

/// Of how many rows launches are: as many as the step has, or more, and kernels leave those out. Set before the
/// operations of a step.
final class StepRows {

    private final long step;
    private int tokens;
    private int samples;

    /// @param step where the packed step is on the device
    StepRows(long step) {
        this.step = step;
    }

    void set(int tokenRows, int sampleRows) {
        tokens = tokenRows;
        samples = sampleRows;
    }

    long step() {
        return step;
    }

    int of(Rows kind) {
        return kind == Rows.TOKENS ? tokens : samples;
    }

    /// As kernels have it (`step.cuh`).
    static int number(Rows kind) {
        return kind == Rows.TOKENS ? 0 : 1;
    }
}
