package dev.millrace.worker.kernel.cpu;

import static dev.millrace.worker.kernel.cpu.NativeLibrary.INT;
import static dev.millrace.worker.kernel.cpu.NativeLibrary.LONG;

import java.lang.invoke.MethodHandle;

/// [PlainProducts] in C.
final class PlainNativeProducts implements PlainProducts {

    /// What a thread needs: a panel.
    static final long SCRATCH_BYTES = PANEL_COLUMNS * (long) RowLayout.COLUMN_BYTES;

    private static final MethodHandle PRODUCT =
            NativeLibrary.function("millrace_plain_product", INT, INT, LONG, LONG, LONG, LONG, LONG, LONG, LONG);

    private final int level;

    /// Uses instructions up to `level`.
    PlainNativeProducts(int level) {
        this.level = level;
    }

    @Override
    public void multiply(CpuMatrix matrix, int group, PlainRows rows, int tokens, Scratch scratch, long sums) {
        long columns = matrix.columns();
        try {
            PRODUCT.invokeExact(
                    level,
                    matrix.type().id(),
                    matrix.weights().address() + matrix.offset(group),
                    rows.memory().address(),
                    columns,
                    columns,
                    (long) tokens,
                    sums,
                    scratch.panel().address());
        } catch (Throwable e) {
            throw NativeLibrary.failure(e);
        }
    }
}
