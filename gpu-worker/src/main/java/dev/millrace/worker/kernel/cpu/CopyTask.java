package dev.millrace.worker.kernel.cpu;

/// Fills [PlainRows]; a unit is a row.
final class CopyTask implements Task {

    private final PlainRows rows;
    private CpuBuffer source;

    CopyTask(PlainRows rows, CpuBuffer empty) {
        this.rows = rows;
        source = empty;
    }

    void prepare(CpuBuffer from) {
        source = from;
    }

    @Override
    public void run(int token, int thread) {
        rows.take(source, token);
    }
}
