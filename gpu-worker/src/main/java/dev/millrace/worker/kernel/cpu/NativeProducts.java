package dev.millrace.worker.kernel.cpu;

import static dev.millrace.worker.kernel.cpu.NativeLibrary.INT;
import static dev.millrace.worker.kernel.cpu.NativeLibrary.LONG;

import java.lang.invoke.MethodHandle;

/// [QuantProducts] in C, through [NativeLibrary].
final class NativeProducts implements QuantProducts {

    /// `target [tokens padded to 16][64] f32 = group * rows`, as millrace_kernels.c has it.
    private static final MethodHandle PRODUCT =
            NativeLibrary.function("millrace_product", INT, INT, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);

    private final int level;

    /// Uses instructions up to `level`.
    NativeProducts(int level) {
        this.level = level;
    }

    @Override
    public void multiply(CpuMatrix matrix, int group, QuantizedRows rows, int tokens, Scratch scratch, long sums) {
        try {
            PRODUCT.invokeExact(
                    level,
                    matrix.type().id(),
                    matrix.weights().address() + matrix.offset(group),
                    rows.quants().address(),
                    rows.scales().address(),
                    rows.scaledSums().address(),
                    rows.sums().address(),
                    (long) (matrix.columns() / QuantLayout.UNIT_COLUMNS),
                    (long) tokens,
                    sums,
                    scratch.panel().address());
        } catch (Throwable e) {
            throw NativeLibrary.failure(e);
        }
    }
}
