package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Sums of a unit of 8-bit quants times one token; floats hold such sums exactly.
final class ByteProduct {

    private static final int VECTOR_BYTES = Lanes.COUNT * Integer.BYTES;
    private static final int FOUR_COLUMNS_BYTES = RowLayout.GROUP_ROWS * Integer.BYTES;

    private ByteProduct() {}

    /// `sums [64] f32 = quants * x + start`, quants and sums at addresses. The quants are read from front to back, as
    /// memory likes it best, and the sums stay in the nearest cache.
    static void one(long quants, float[] x, int first, float start, long sums) {
        for (int row = 0; row < FOUR_COLUMNS_BYTES; row += VECTOR_BYTES) {
            Raw.set(sums + row, Load.broadcast(start));
        }
        for (int at = 0; at < 8 * FOUR_COLUMNS_BYTES; at += VECTOR_BYTES) {
            int from = first + at / FOUR_COLUMNS_BYTES * 4;
            long sum = sums + at % FOUR_COLUMNS_BYTES;
            IntVector w = Raw.ints(quants + at);
            FloatVector s = floats(w.and(255)).fma(Load.broadcast(x[from]), Raw.floats(sum));
            s = floats(w.lanewise(VectorOperators.LSHR, 8).and(255)).fma(Load.broadcast(x[from + 1]), s);
            s = floats(w.lanewise(VectorOperators.LSHR, 16).and(255)).fma(Load.broadcast(x[from + 2]), s);
            s = floats(w.lanewise(VectorOperators.LSHR, 24)).fma(Load.broadcast(x[from + 3]), s);
            Raw.set(sum, s);
        }
    }

    private static FloatVector floats(IntVector quants) {
        return (FloatVector) quants.convert(VectorOperators.I2F, 0);
    }
}
