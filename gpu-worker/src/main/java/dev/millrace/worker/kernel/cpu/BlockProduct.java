package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// The product of up to 128 columns of quants with one token, without writing a panel: the same multiplications and
/// sums in the same order as [BlockExpansion] and [Tiles#one], so with the same bits.
final class BlockProduct {

    private static final int QUANT_STRIDE = RowLayout.GROUP_ROWS;
    private static final int NIBBLE_STRIDE = 2 * RowLayout.GROUP_ROWS;
    private static final int LANES = Lanes.COUNT;
    private static final int VECTOR_BYTES = LANES * Float.BYTES;

    /// Where in the scratch what is added begins, after 64 scales.
    private static final int MINIMUMS = RowLayout.GROUP_ROWS * Float.BYTES;

    private BlockProduct() {}

    /// Scales and what is added of a group, for the rows from `row` up to `end`. By way of memory: vectors of several
    /// rows that come out of a choice would be boxed.
    private static void prepare(
            BlockLayout layout,
            MemorySegment weights,
            long block,
            long group,
            int row,
            int end,
            MemorySegment factors) {
        for (int at = row; at < end; at += LANES) {
            BlockExpansion.scale(layout, weights, block, group, at).intoMemorySegment(factors, 4L * at, Lanes.ORDER);
            if (layout.minimum() || layout.nibbles()) {
                BlockExpansion.nibbleOffset(layout, weights, block, group, at)
                        .intoMemorySegment(factors, MINIMUMS + 4L * at, Lanes.ORDER);
            }
        }
    }

    static void one(
            BlockLayout layout,
            MemorySegment weights,
            long offset,
            int firstColumn,
            int count,
            MemorySegment x,
            long xAt,
            MemorySegment factors,
            MemorySegment sums) {
        if (layout.nibbles()) {
            for (int half = 0; half < RowLayout.GROUP_ROWS; half += 32) {
                for (int row = half; row < half + 16; row += LANES) {
                    nibbles(layout, weights, offset, firstColumn, count, half, row, x, xAt, factors, sums);
                }
            }
        } else {
            for (int row = 0; row < RowLayout.GROUP_ROWS; row += 4 * LANES) {
                if (layout.minimum()) {
                    bytesAndMinimum(layout, weights, offset, firstColumn, count, row, x, xAt, factors, sums);
                } else {
                    bytes(layout, weights, offset, firstColumn, count, row, x, xAt, factors, sums);
                }
            }
        }
    }

    /// Four vectors of rows from `row` on.
    private static void bytes(
            BlockLayout layout,
            MemorySegment weights,
            long offset,
            int firstColumn,
            int count,
            int row,
            MemorySegment x,
            long xAt,
            MemorySegment factors,
            MemorySegment sums) {
        FloatVector s0 = Load.zero();
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int columns = layout.groupColumns();
        for (int column = 0; column < count; column += columns) {
            long block = layout.block(offset, firstColumn + column);
            long group = layout.group(block, firstColumn + column);
            prepare(layout, weights, block, group, row, row + 4 * LANES, factors);
            FloatVector d0 = Load.floats(factors, 4L * row);
            FloatVector d1 = Load.floats(factors, 4L * (row + LANES));
            FloatVector d2 = Load.floats(factors, 4L * (row + 2 * LANES));
            FloatVector d3 = Load.floats(factors, 4L * (row + 3 * LANES));
            long quants = group + layout.groupHeaderBytes() + row;
            long from = xAt + 4L * column;
            for (int k = 0; k < columns; k++) {
                long q = quants + (long) k * QUANT_STRIDE;
                FloatVector value = Load.broadcast(x.get(CpuBuffer.FLOAT, from + 4L * k));
                s0 = Load.bytes(weights, q).mul(d0).fma(value, s0);
                s1 = Load.bytes(weights, q + LANES).mul(d1).fma(value, s1);
                s2 = Load.bytes(weights, q + 2 * LANES).mul(d2).fma(value, s2);
                s3 = Load.bytes(weights, q + 3 * LANES).mul(d3).fma(value, s3);
            }
        }
        long to = 4L * row;
        Tiles.add(sums, to, s0);
        Tiles.add(sums, to + VECTOR_BYTES, s1);
        Tiles.add(sums, to + 2 * VECTOR_BYTES, s2);
        Tiles.add(sums, to + 3 * VECTOR_BYTES, s3);
    }

    private static void bytesAndMinimum(
            BlockLayout layout,
            MemorySegment weights,
            long offset,
            int firstColumn,
            int count,
            int row,
            MemorySegment x,
            long xAt,
            MemorySegment factors,
            MemorySegment sums) {
        FloatVector s0 = Load.zero();
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int columns = layout.groupColumns();
        for (int column = 0; column < count; column += columns) {
            long block = layout.block(offset, firstColumn + column);
            long group = layout.group(block, firstColumn + column);
            prepare(layout, weights, block, group, row, row + 4 * LANES, factors);
            FloatVector d0 = Load.floats(factors, 4L * row);
            FloatVector d1 = Load.floats(factors, 4L * (row + LANES));
            FloatVector d2 = Load.floats(factors, 4L * (row + 2 * LANES));
            FloatVector d3 = Load.floats(factors, 4L * (row + 3 * LANES));
            FloatVector m0 = Load.floats(factors, MINIMUMS + 4L * row);
            FloatVector m1 = Load.floats(factors, MINIMUMS + 4L * (row + LANES));
            FloatVector m2 = Load.floats(factors, MINIMUMS + 4L * (row + 2 * LANES));
            FloatVector m3 = Load.floats(factors, MINIMUMS + 4L * (row + 3 * LANES));
            long quants = group + layout.groupHeaderBytes() + row;
            long from = xAt + 4L * column;
            for (int k = 0; k < columns; k++) {
                long q = quants + (long) k * QUANT_STRIDE;
                FloatVector value = Load.broadcast(x.get(CpuBuffer.FLOAT, from + 4L * k));
                s0 = Load.bytes(weights, q).mul(d0).add(m0).fma(value, s0);
                s1 = Load.bytes(weights, q + LANES).mul(d1).add(m1).fma(value, s1);
                s2 = Load.bytes(weights, q + 2 * LANES).mul(d2).add(m2).fma(value, s2);
                s3 = Load.bytes(weights, q + 3 * LANES).mul(d3).add(m3).fma(value, s3);
            }
        }
        long to = 4L * row;
        Tiles.add(sums, to, s0);
        Tiles.add(sums, to + VECTOR_BYTES, s1);
        Tiles.add(sums, to + 2 * VECTOR_BYTES, s2);
        Tiles.add(sums, to + 3 * VECTOR_BYTES, s3);
    }

    /// The rows from `row` on and those 16 further, whose quants are in the same ints.
    private static void nibbles(
            BlockLayout layout,
            MemorySegment weights,
            long offset,
            int firstColumn,
            int count,
            int half,
            int row,
            MemorySegment x,
            long xAt,
            MemorySegment factors,
            MemorySegment sums) {
        FloatVector s0 = Load.zero();
        FloatVector s1 = s0;
        int zero = layout.nibbleZero();
        int columns = layout.groupColumns();
        for (int column = 0; column < count; column += columns) {
            long block = layout.block(offset, firstColumn + column);
            long group = layout.group(block, firstColumn + column);
            prepare(layout, weights, block, group, row, row + LANES, factors);
            prepare(layout, weights, block, group, row + 16, row + 16 + LANES, factors);
            FloatVector d0 = Load.floats(factors, 4L * row);
            FloatVector d1 = Load.floats(factors, 4L * (row + 16));
            FloatVector m0 = Load.floats(factors, MINIMUMS + 4L * row);
            FloatVector m1 = Load.floats(factors, MINIMUMS + 4L * (row + 16));
            long quants = group + layout.groupHeaderBytes() + 2L * half + 4L * (row - half);
            long from = xAt + 4L * column;
            for (int k = 0; k < columns; k += 4) {
                IntVector ints = Load.ints(weights, quants + (long) (k / 4) * NIBBLE_STRIDE);
                for (int j = 0; j < 4; j++) {
                    FloatVector value = Load.broadcast(x.get(CpuBuffer.FLOAT, from + 4L * (k + j)));
                    s0 = nibble(ints, 4 * j, zero).mul(d0).add(m0).fma(value, s0);
                    s1 = nibble(ints, 4 * j + 16, zero).mul(d1).add(m1).fma(value, s1);
                }
            }
        }
        Tiles.add(sums, 4L * row, s0);
        Tiles.add(sums, 4L * row + 64, s1);
    }

    private static FloatVector nibble(IntVector ints, int shift, int zero) {
        IntVector quant = ints.lanewise(VectorOperators.LSHR, shift).and(15).sub(zero);
        return (FloatVector) quant.convert(VectorOperators.I2F, 0);
    }
}
