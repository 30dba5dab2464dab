package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/// Products of a panel `[columns][64 rows] f32`, at an address, with values of tokens in an array: reading one value
/// from
/// an array takes the compiler a tenth of what it takes from a segment, and beyond a limit it stops inlining. Each
/// element is summed from zero over the
/// columns in order, the same for one token and for many.
final class Tiles {

    private static final int COLUMN_BYTES = RowLayout.COLUMN_BYTES;
    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    private Tiles() {}

    /// `sums [64] = panel * x [columns]`.
    static void one(long panel, int columns, float[] x, int first, long sums) {
        for (int row = 0; row < COLUMN_BYTES; row += 4 * VECTOR_BYTES) {
            FloatVector s0 = Load.zero();
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int k = 0; k < columns; k++) {
                long w = panel + row + (long) k * COLUMN_BYTES;
                FloatVector value = Load.broadcast(x[first + k]);
                s0 = Raw.floats(w).fma(value, s0);
                s1 = Raw.floats(w + VECTOR_BYTES).fma(value, s1);
                s2 = Raw.floats(w + 2 * VECTOR_BYTES).fma(value, s2);
                s3 = Raw.floats(w + 3 * VECTOR_BYTES).fma(value, s3);
            }
            two(sums + row, s0, s1);
            two(sums + row + 2 * VECTOR_BYTES, s2, s3);
        }
    }

    /// [#one] for four tokens, whose values are `stride` apart and whose sums follow each other. Two vectors at a time:
    /// with four the compiler would stop inlining.
    static void four(long panel, int columns, float[] x, int first, int stride, long sums) {
        for (int row = 0; row < COLUMN_BYTES; row += 2 * VECTOR_BYTES) {
            FloatVector a0 = Load.zero();
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector c0 = a0;
            FloatVector c1 = a0;
            FloatVector d0 = a0;
            FloatVector d1 = a0;
            for (int k = 0; k < columns; k++) {
                long w = panel + row + (long) k * COLUMN_BYTES;
                int from = first + k;
                FloatVector w0 = Raw.floats(w);
                FloatVector w1 = Raw.floats(w + VECTOR_BYTES);
                FloatVector value = Load.broadcast(x[from]);
                a0 = w0.fma(value, a0);
                a1 = w1.fma(value, a1);
                value = Load.broadcast(x[from + stride]);
                b0 = w0.fma(value, b0);
                b1 = w1.fma(value, b1);
                value = Load.broadcast(x[from + 2 * stride]);
                c0 = w0.fma(value, c0);
                c1 = w1.fma(value, c1);
                value = Load.broadcast(x[from + 3 * stride]);
                d0 = w0.fma(value, d0);
                d1 = w1.fma(value, d1);
            }
            two(sums + row, a0, a1);
            two(sums + COLUMN_BYTES + row, b0, b1);
            two(sums + 2 * COLUMN_BYTES + row, c0, c1);
            two(sums + 3 * COLUMN_BYTES + row, d0, d1);
        }
    }

    private static void two(long to, FloatVector s0, FloatVector s1) {
        Raw.setSum(to, s0);
        Raw.setSum(to + VECTOR_BYTES, s1);
    }
}
