package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Products of a panel `[columns][64 rows] f32` with tokens. Each output element is summed in the order of the columns,
/// from zero for each panel, and added to what the panels before gave: the same for one token and for many.
final class Tiles {

    private static final int COLUMN_BYTES = RowLayout.PANEL_STRIDE;
    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    private Tiles() {}

    /// `sums [64] += panel * x [columns]`, with byte offsets.
    static void one(
            MemorySegment panel, long at, int columns, MemorySegment x, long xAt, MemorySegment sums, long sumsAt) {
        for (int row = 0; row < COLUMN_BYTES; row += 4 * VECTOR_BYTES) {
            FloatVector s0 = Load.zero();
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int k = 0; k < columns; k++) {
                long w = at + row + (long) k * COLUMN_BYTES;
                FloatVector value = Load.broadcast(x.get(CpuBuffer.FLOAT, xAt + 4L * k));
                s0 = Load.floats(panel, w).fma(value, s0);
                s1 = Load.floats(panel, w + VECTOR_BYTES).fma(value, s1);
                s2 = Load.floats(panel, w + 2 * VECTOR_BYTES).fma(value, s2);
                s3 = Load.floats(panel, w + 3 * VECTOR_BYTES).fma(value, s3);
            }
            long to = sumsAt + row;
            add(sums, to, s0);
            add(sums, to + VECTOR_BYTES, s1);
            add(sums, to + 2 * VECTOR_BYTES, s2);
            add(sums, to + 3 * VECTOR_BYTES, s3);
        }
    }

    /// [#one] for four tokens, whose inputs are `xStride` bytes apart and whose sums follow each other.
    static void four(
            MemorySegment panel,
            long at,
            int columns,
            MemorySegment x,
            long xAt,
            long xStride,
            MemorySegment sums,
            long sumsAt) {
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
                long w = at + row + (long) k * COLUMN_BYTES;
                long from = xAt + 4L * k;
                FloatVector w0 = Load.floats(panel, w);
                FloatVector w1 = Load.floats(panel, w + VECTOR_BYTES);
                FloatVector value = Load.broadcast(x.get(CpuBuffer.FLOAT, from));
                a0 = w0.fma(value, a0);
                a1 = w1.fma(value, a1);
                value = Load.broadcast(x.get(CpuBuffer.FLOAT, from + xStride));
                b0 = w0.fma(value, b0);
                b1 = w1.fma(value, b1);
                value = Load.broadcast(x.get(CpuBuffer.FLOAT, from + 2 * xStride));
                c0 = w0.fma(value, c0);
                c1 = w1.fma(value, c1);
                value = Load.broadcast(x.get(CpuBuffer.FLOAT, from + 3 * xStride));
                d0 = w0.fma(value, d0);
                d1 = w1.fma(value, d1);
            }
            long to = sumsAt + row;
            add(sums, to, a0);
            add(sums, to + VECTOR_BYTES, a1);
            add(sums, to + COLUMN_BYTES, b0);
            add(sums, to + COLUMN_BYTES + VECTOR_BYTES, b1);
            add(sums, to + 2 * COLUMN_BYTES, c0);
            add(sums, to + 2 * COLUMN_BYTES + VECTOR_BYTES, c1);
            add(sums, to + 3 * COLUMN_BYTES, d0);
            add(sums, to + 3 * COLUMN_BYTES + VECTOR_BYTES, d1);
        }
    }

    static void add(MemorySegment sums, long at, FloatVector value) {
        Load.floats(sums, at).add(value).intoMemorySegment(sums, at, Lanes.ORDER);
    }
}
