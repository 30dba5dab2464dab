package dev.millrace.worker.kernel.cpu;

/// [QuantProducts] in C, through [NativeLibrary].
final class NativeProducts implements QuantProducts {

    private final int level;

    /// Uses instructions up to `level`.
    NativeProducts(int level) {
        this.level = level;
    }

    @Override
    public void multiply(CpuMatrix matrix, int group, QuantizedRows rows, int tokens, Scratch scratch, long sums) {
        NativeLibrary.multiply(
                level,
                matrix.type().id(),
                matrix.weights().address() + matrix.offset(group),
                rows.quants().address(),
                rows.scales().address(),
                rows.scaledSums().address(),
                rows.sums().address(),
                matrix.columns() / QuantLayout.UNIT_COLUMNS,
                tokens,
                sums,
                scratch.panel().address());
    }
}
