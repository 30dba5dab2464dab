package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/// Rounds rows to 8 bits in blocks under one scale each, the largest value becoming 127; a unit is a row, or 16
/// of them for native kernels, which give the same numbers. A value that is not finite makes everything that it is
/// multiplied with not finite either.
final class QuantizeTask implements Task {

    private static final int LARGEST = 127;
    private static final long UNIT_BYTES = (long) QuantLayout.UNIT_COLUMNS * Float.BYTES;
    /// Added to and subtracted from a small float, it leaves the nearest whole number, the even one of two.
    private static final float WHOLE = 0x1.8p23f;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(Lanes.ORDER);

    private final QuantizedRows rows;
    private final @Nullable NativeElementwise natively;
    private CpuBuffer source;
    private int tokens;

    QuantizeTask(QuantizedRows rows, @Nullable NativeElementwise natively, CpuBuffer empty) {
        this.rows = rows;
        this.natively = natively;
        source = empty;
    }

    /// What [#run] works on from now on, and returns the number of units.
    int prepare(CpuBuffer from, int rowsOfStep) {
        source = from;
        tokens = rowsOfStep;
        return natively == null ? tokens : Math.ceilDiv(tokens, QuantizedRows.TOGETHER);
    }

    @Override
    public void run(int unit, int thread) {
        if (natively == null) {
            roundRow(unit);
        } else {
            int first = unit * QuantizedRows.TOGETHER;
            natively.round(source, first, Math.min(QuantizedRows.TOGETHER, tokens - first), rows);
        }
    }

    private void roundRow(int token) {
        int units = source.columns() / QuantLayout.UNIT_COLUMNS;
        long from = source.values().address() + source.offset(token);
        for (int unit = 0; unit < units; unit += rows.blockUnits()) {
            take(from + UNIT_BYTES * unit, token, unit, units, tokens == 1);
        }
    }

    /// Takes the values at the address `from` as the block from unit `unit` of `units` on of a token, the `only` one or
    /// one of several.
    void take(long from, int token, int unit, int units, boolean only) {
        float scale = largest(from, rows.blockUnits() * QuantLayout.UNIT_COLUMNS) / LARGEST;
        for (int i = 0; i < rows.blockUnits(); i++) {
            long place = QuantizedRows.place(token, unit + i, units);
            round(from + UNIT_BYTES * i, scale, place);
            if (only) {
                pair(unit + i, place);
            }
        }
    }

    private static float largest(long from, int columns) {
        FloatVector most = Load.zero();
        for (int at = 0; at < columns; at += Lanes.COUNT) {
            most = Raw.floats(from + 4L * at).abs().max(most);
        }
        return Load.zero().max(most).reduceLanes(VectorOperators.MAX);
    }

    private void round(long from, float scale, long place) {
        float inverse = scale < Float.MIN_NORMAL ? 0 : 1 / scale;
        int sum = 0;
        int half = 0;
        for (int at = 0; at < QuantLayout.UNIT_COLUMNS; at += Lanes.COUNT) {
            IntVector whole = (IntVector) Raw.floats(from + 4L * at)
                    .mul(inverse)
                    .add(WHOLE)
                    .sub(WHOLE)
                    .convert(VectorOperators.F2I, 0);
            FloatVector values = (FloatVector) whole.convert(VectorOperators.I2F, 0);
            values.intoArray(rows.values(), (int) place * QuantLayout.UNIT_COLUMNS + at);
            sum += whole.reduceLanes(VectorOperators.ADD);
            if (at + Lanes.COUNT == QuantLayout.UNIT_COLUMNS / 2) {
                half = sum;
            }
        }
        rows.scales().setAtIndex(CpuBuffer.FLOAT, place, scale);
        rows.scaledSums().setAtIndex(CpuBuffer.FLOAT, place, scale * sum);
        rows.sums().setAtIndex(INT, 2 * place, half);
        rows.sums().setAtIndex(INT, 2 * place + 1, sum - half);
    }

    /// Columns `c` and `c + 2` of each 8, in the order in which [NibbleProduct] wants them.
    private void pair(int unit, long place) {
        float[] values = rows.values();
        int from = (int) place * QuantLayout.UNIT_COLUMNS;
        for (int eight = 0; eight < 4; eight++) {
            for (int i = 0; i < 4; i++) {
                int first = from + 8 * eight + NibbleProduct.PAIR_COLUMNS[i];
                rows.pairs()[unit * NibbleProduct.UNIT_PAIRS + 4 * eight + i] =
                        ((int) values[first] & 0xffff) | (int) values[first + 2] << 16;
            }
        }
    }
}
