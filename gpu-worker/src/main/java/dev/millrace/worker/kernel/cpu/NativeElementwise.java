package dev.millrace.worker.kernel.cpu;

import static dev.millrace.worker.kernel.cpu.NativeLibrary.FLOAT;
import static dev.millrace.worker.kernel.cpu.NativeLibrary.INT;
import static dev.millrace.worker.kernel.cpu.NativeLibrary.LONG;

import java.lang.invoke.MethodHandle;

/// What is done value by value, in C, through [NativeLibrary]; elementwise.c says what the functions do. Everything is
/// by address, 0 is nothing.
final class NativeElementwise {

    private static final MethodHandle ROUND = NativeLibrary.function(
            "millrace_round", INT, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);
    private static final MethodHandle NORM = NativeLibrary.function(
            "millrace_norm", INT, LONG, LONG, LONG, LONG, LONG, FLOAT, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);
    private static final MethodHandle GATE = NativeLibrary.function(
            "millrace_gate", INT, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);
    private static final MethodHandle FINISH =
            NativeLibrary.function("millrace_finish", INT, LONG, LONG, LONG, LONG, LONG, INT, LONG, LONG, LONG);

    private final int level;

    /// Uses instructions up to `level`.
    NativeElementwise(int level) {
        this.level = level;
    }

    /// Rounds `count` rows of `source` from `first` on, a multiple of 16.
    void round(CpuBuffer source, int first, int count, QuantizedRows rows) {
        int units = source.columns() / QuantLayout.UNIT_COLUMNS;
        long from = source.values().address() + source.offset(first);
        round(from, source.stride(), first, count, 0, units, units, rows);
    }

    /// Rounds `units` units of `count` rows that stand `stride` values apart, as those from `unit` on of `of` of the
    /// tokens from `first` on, a multiple of 16.
    void round(long from, int stride, int first, int count, int unit, int units, int of, QuantizedRows rows) {
        try {
            ROUND.invokeExact(
                    level,
                    from,
                    (long) stride,
                    (long) first,
                    (long) count,
                    (long) unit,
                    (long) units,
                    (long) of,
                    (long) rows.blockUnits(),
                    rows.quants().address(),
                    rows.scales().address(),
                    rows.scaledSums().address(),
                    rows.sums().address());
        } catch (Throwable e) {
            throw NativeLibrary.failure(e);
        }
    }

    /// Norms `count` rows of `source` from `first` on, a multiple of 16, and rounds their first `units` units.
    void norm(
            CpuBuffer source,
            CpuVector weight,
            float epsilon,
            CpuBuffer target,
            int first,
            int count,
            int units,
            QuantizedRows rows) {
        try {
            NORM.invokeExact(
                    level,
                    source.values().address() + source.offset(first),
                    target.values().address() + target.offset(first),
                    (long) source.stride(),
                    (long) source.columns(),
                    weight.values().address(),
                    epsilon,
                    (long) first,
                    (long) count,
                    (long) units,
                    (long) rows.blockUnits(),
                    rows.quants().address(),
                    rows.scales().address(),
                    rows.scaledSums().address(),
                    rows.sums().address());
        } catch (Throwable e) {
            throw NativeLibrary.failure(e);
        }
    }

    /// Gates the products `[tokens][64]` of a group and rounds them in blocks of one unit as units `unit`.. of `of`, or
    /// writes them to `target`, rows `stride` values apart, where `units` is 0.
    void gate(
            long gates,
            long ups,
            long gateBias,
            long upBias,
            int tokens,
            long target,
            int stride,
            int unit,
            int units,
            int of,
            QuantizedRows rows) {
        try {
            GATE.invokeExact(
                    level,
                    gates,
                    ups,
                    gateBias,
                    upBias,
                    (long) tokens,
                    target,
                    (long) stride,
                    (long) unit,
                    (long) units,
                    (long) of,
                    rows.quants().address(),
                    rows.scales().address(),
                    rows.scaledSums().address(),
                    rows.sums().address());
        } catch (Throwable e) {
            throw NativeLibrary.failure(e);
        }
    }

    /// Takes the products `[tokens][64]` at `sums` to `target`, the place of the first row's first value.
    ///
    /// @param columns of the 64 that are there
    /// @param peaks where the highest value of the first row goes, those of the next ones `peaksStride` values apart
    void finish(
            long sums,
            long bias,
            long target,
            int stride,
            int tokens,
            boolean adds,
            int columns,
            long peaks,
            int peaksStride) {
        try {
            FINISH.invokeExact(
                    level, sums, bias, target, (long) stride, (long) tokens, adds ? 1 : 0, (long) columns, peaks, (long)
                            peaksStride);
        } catch (Throwable e) {
            throw NativeLibrary.failure(e);
        }
    }
}
