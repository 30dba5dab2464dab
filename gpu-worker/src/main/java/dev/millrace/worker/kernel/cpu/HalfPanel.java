package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/// A panel `[columns][64 rows] f32` of half-precision weights, in an array: the Vector API has no word for the
/// instruction that converts them, but C2 finds it for a plain loop from memory to an array.
final class HalfPanel {

    private static final int ROWS = RowLayout.GROUP_ROWS;
    private static final int LANES = Lanes.COUNT;
    private static final int VECTOR_BYTES = LANES * Float.BYTES;

    private HalfPanel() {}

    /// Takes `count` halves at the address `from`.
    static void expand(long from, int count, float[] panel) {
        for (int i = 0; i < count; i++) {
            panel[i] = Float.float16ToFloat(Raw.MEMORY.get(Load.SHORT, from + 2L * i));
        }
    }

    /// [Tiles#one] for such a panel.
    static void one(float[] panel, int columns, float[] x, int first, long sums) {
        for (int row = 0; row < ROWS; row += 4 * LANES) {
            FloatVector s0 = Load.zero();
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int k = 0; k < columns; k++) {
                int w = row + k * ROWS;
                FloatVector value = Load.broadcast(x[first + k]);
                s0 = at(panel, w).fma(value, s0);
                s1 = at(panel, w + LANES).fma(value, s1);
                s2 = at(panel, w + 2 * LANES).fma(value, s2);
                s3 = at(panel, w + 3 * LANES).fma(value, s3);
            }
            long to = sums + (long) row * Float.BYTES;
            Raw.setSum(to, s0);
            Raw.setSum(to + VECTOR_BYTES, s1);
            Raw.setSum(to + 2 * VECTOR_BYTES, s2);
            Raw.setSum(to + 3 * VECTOR_BYTES, s3);
        }
    }

    private static FloatVector at(float[] panel, int index) {
        return FloatVector.fromArray(Lanes.FLOATS, panel, index);
    }
}
