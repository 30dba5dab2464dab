package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The product of columns of 16-bit floats with one token, without writing a panel; see [BlockProduct].
final class PlainProduct {

    private static final int COLUMN_BYTES = RowLayout.GROUP_ROWS * Short.BYTES;
    private static final int HALF_BYTES = Lanes.COUNT * Short.BYTES;
    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    private PlainProduct() {}

    /// Two vectors at a time: converting takes so many operations that with four the compiler would stop inlining.
    static void halves(MemorySegment weights, long from, int count, MemorySegment x, long xAt, MemorySegment sums) {
        for (int row = 0; row < COLUMN_BYTES; row += 2 * HALF_BYTES) {
            FloatVector s0 = Load.zero();
            FloatVector s1 = s0;
            for (int k = 0; k < count; k++) {
                long w = from + row + (long) k * COLUMN_BYTES;
                FloatVector value = Load.broadcast(x.get(CpuBuffer.FLOAT, xAt + 4L * k));
                s0 = Load.halves(weights, w).fma(value, s0);
                s1 = Load.halves(weights, w + HALF_BYTES).fma(value, s1);
            }
            Tiles.add(sums, 2L * row, s0);
            Tiles.add(sums, 2L * row + VECTOR_BYTES, s1);
        }
    }

    static void brainFloats(
            MemorySegment weights, long from, int count, MemorySegment x, long xAt, MemorySegment sums) {
        for (int row = 0; row < COLUMN_BYTES; row += 4 * HALF_BYTES) {
            FloatVector s0 = Load.zero();
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int k = 0; k < count; k++) {
                long w = from + row + (long) k * COLUMN_BYTES;
                FloatVector value = Load.broadcast(x.get(CpuBuffer.FLOAT, xAt + 4L * k));
                s0 = Load.brainFloats(weights, w).fma(value, s0);
                s1 = Load.brainFloats(weights, w + HALF_BYTES).fma(value, s1);
                s2 = Load.brainFloats(weights, w + 2 * HALF_BYTES).fma(value, s2);
                s3 = Load.brainFloats(weights, w + 3 * HALF_BYTES).fma(value, s3);
            }
            addAll(sums, 2L * row, s0, s1, s2, s3);
        }
    }

    private static void addAll(
            MemorySegment sums, long at, FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
        Tiles.add(sums, at, s0);
        Tiles.add(sums, at + VECTOR_BYTES, s1);
        Tiles.add(sums, at + 2 * VECTOR_BYTES, s2);
        Tiles.add(sums, at + 3 * VECTOR_BYTES, s3);
    }
}
