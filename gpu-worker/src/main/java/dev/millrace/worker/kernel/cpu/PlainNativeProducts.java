package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// [PlainProducts] in C.
final class PlainNativeProducts implements PlainProducts {

    /// What a thread needs: a panel.
    static final long SCRATCH_BYTES = PANEL_COLUMNS * (long) RowLayout.COLUMN_BYTES;

    private static final MethodHandle PRODUCT = NativeLibrary.function(
            "millrace_plain_product",
            FunctionDescriptor.ofVoid(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG));

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
            throw new IllegalStateException("a native kernel could not be called", e);
        }
    }
}
