package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Sums of a unit of 8-bit quants times one token; floats hold such sums exactly.
final class ByteProduct {

    private static final int VECTOR_BYTES = Lanes.COUNT * Integer.BYTES;
    private static final int FOUR_COLUMNS_BYTES = RowLayout.GROUP_ROWS * Integer.BYTES;

    private ByteProduct() {}

    /// `sums [64] f32 = quants * values + start`, by addresses.
    static void one(long quants, long values, float start, long sums) {
        for (int row = 0; row < FOUR_COLUMNS_BYTES; row += 2 * VECTOR_BYTES) {
            FloatVector s0 = Load.broadcast(start);
            FloatVector s1 = s0;
            FloatVector t0 = Load.zero();
            FloatVector t1 = t0;
            for (int four = 0; four < 8; four++) {
                long at = quants + row + (long) four * FOUR_COLUMNS_BYTES;
                long x = values + 16L * four;
                IntVector w0 = Raw.ints(at);
                IntVector w1 = Raw.ints(at + VECTOR_BYTES);
                FloatVector value = Raw.broadcast(x);
                s0 = floats(w0.and(255)).fma(value, s0);
                s1 = floats(w1.and(255)).fma(value, s1);
                value = Raw.broadcast(x + 4);
                t0 = floats(w0.lanewise(VectorOperators.LSHR, 8).and(255)).fma(value, t0);
                t1 = floats(w1.lanewise(VectorOperators.LSHR, 8).and(255)).fma(value, t1);
                value = Raw.broadcast(x + 8);
                s0 = floats(w0.lanewise(VectorOperators.LSHR, 16).and(255)).fma(value, s0);
                s1 = floats(w1.lanewise(VectorOperators.LSHR, 16).and(255)).fma(value, s1);
                value = Raw.broadcast(x + 12);
                t0 = floats(w0.lanewise(VectorOperators.LSHR, 24)).fma(value, t0);
                t1 = floats(w1.lanewise(VectorOperators.LSHR, 24)).fma(value, t1);
            }
            Raw.set(sums + row, Load.zero().add(s0).add(t0));
            Raw.set(sums + row + VECTOR_BYTES, Load.zero().add(s1).add(t1));
        }
    }

    private static FloatVector floats(IntVector quants) {
        return (FloatVector) quants.convert(VectorOperators.I2F, 0);
    }
}
