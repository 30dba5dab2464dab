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
        for (int row = 0; row < FOUR_COLUMNS_BYTES; row += 4 * VECTOR_BYTES) {
            FloatVector s0 = Load.broadcast(start);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int four = 0; four < 8; four++) {
                long at = quants + row + (long) four * FOUR_COLUMNS_BYTES;
                IntVector w0 = Raw.ints(at);
                IntVector w1 = Raw.ints(at + VECTOR_BYTES);
                IntVector w2 = Raw.ints(at + 2 * VECTOR_BYTES);
                IntVector w3 = Raw.ints(at + 3 * VECTOR_BYTES);
                for (int i = 0; i < 4; i++) {
                    FloatVector x = Raw.broadcast(values + 16L * four + 4L * i);
                    s0 = column(w0, 8 * i).fma(x, s0);
                    s1 = column(w1, 8 * i).fma(x, s1);
                    s2 = column(w2, 8 * i).fma(x, s2);
                    s3 = column(w3, 8 * i).fma(x, s3);
                }
            }
            Raw.setSum(sums + row, s0);
            Raw.setSum(sums + row + VECTOR_BYTES, s1);
            Raw.setSum(sums + row + 2 * VECTOR_BYTES, s2);
            Raw.setSum(sums + row + 3 * VECTOR_BYTES, s3);
        }
    }

    private static FloatVector column(IntVector four, int shift) {
        return (FloatVector)
                four.lanewise(VectorOperators.LSHR, shift).and(255).convert(VectorOperators.I2F, 0);
    }
}
