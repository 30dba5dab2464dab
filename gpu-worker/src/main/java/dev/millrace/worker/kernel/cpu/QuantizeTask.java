package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Rounds rows to 8 bits in blocks of 32 under one scale each, the largest value becoming 127; a unit is a row. A value
/// that is not finite makes everything that it is multiplied with not finite either.
final class QuantizeTask implements Task {

    private static final int LARGEST = 127;
    /// Added to and subtracted from a small float, it leaves the nearest whole number, the even one of two.
    private static final float WHOLE = 0x1.8p23f;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(Lanes.ORDER);

    private final QuantizedRows rows;
    private final boolean forNative;
    private CpuBuffer source;
    private boolean single;

    QuantizeTask(QuantizedRows rows, boolean forNative, CpuBuffer empty) {
        this.rows = rows;
        this.forNative = forNative;
        source = empty;
    }

    void prepare(CpuBuffer from, int tokens) {
        source = from;
        single = tokens == 1;
    }

    @Override
    public void run(int token, int thread) {
        int units = source.columns() / QuantLayout.UNIT_COLUMNS;
        long from = source.values().address() + source.offset(token);
        for (int unit = 0; unit < units; unit++) {
            long values = from + (long) unit * QuantLayout.UNIT_COLUMNS * Float.BYTES;
            take(values, token, unit, units, single);
        }
    }

    /// Takes the 32 values at the address `from` as unit `unit` of `units` of a token, the `only` one or one of
    /// several.
    void take(long from, int token, int unit, int units, boolean only) {
        long place = QuantizedRows.place(token, unit, units);
        round(from, place);
        if (only && !forNative) {
            pair(unit, place);
        }
    }

    private void round(long from, long place) {
        FloatVector most = Load.zero();
        for (int at = 0; at < QuantLayout.UNIT_COLUMNS; at += Lanes.COUNT) {
            most = Raw.floats(from + 4L * at).abs().max(most);
        }
        float scale = Load.zero().max(most).reduceLanes(VectorOperators.MAX) / LARGEST;
        float inverse = scale < Float.MIN_NORMAL ? 0 : 1 / scale;
        int sum = 0;
        int half = 0;
        for (int at = 0; at < QuantLayout.UNIT_COLUMNS; at += Lanes.COUNT) {
            IntVector whole = (IntVector) Raw.floats(from + 4L * at)
                    .mul(inverse)
                    .add(WHOLE)
                    .sub(WHOLE)
                    .convert(VectorOperators.F2I, 0);
            store(whole, place * QuantLayout.UNIT_COLUMNS + at);
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

    private void store(IntVector whole, long index) {
        if (forNative) {
            whole.convertShape(VectorOperators.I2B, Lanes.BYTES, 0)
                    .reinterpretAsBytes()
                    .intoMemorySegment(rows.quants(), index, Lanes.ORDER);
        } else {
            FloatVector values = (FloatVector) whole.convert(VectorOperators.I2F, 0);
            values.intoArray(rows.values(), (int) index);
        }
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
