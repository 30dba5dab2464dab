package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Sums over the 256 columns of a superblock, whole numbers up to its end, where they are scaled. By addresses.
final class Superblocks {

    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    private Superblocks() {}

    /// `wholes [64] i32 += blocks [64] f32 * scales [64] f32`. Sums within a unit times its scale are whole numbers
    /// below 2^24 (in Q6_K 16 * 32 * 127 * 128 for half a unit), so floats hold them.
    static void add(long blocks, long scales, long wholes) {
        for (int row = 0; row < RowLayout.COLUMN_BYTES; row += VECTOR_BYTES) {
            FloatVector product = Raw.floats(blocks + row).mul(Raw.floats(scales + row));
            IntVector whole = (IntVector) product.convert(VectorOperators.F2I, 0);
            Raw.set(wholes + row, whole.add(Raw.ints(wholes + row)));
        }
    }

    /// Scales the sums `wholes [tokens][64]` of the superblock that ends with unit `last` of `units` and adds them to
    /// `sums [tokens][64]`; `spare [64]` is overwritten.
    static void finish(
            QuantLayout layout,
            long group,
            int last,
            int units,
            QuantizedRows rows,
            int tokens,
            long spare,
            long wholes,
            long sums) {
        long block = layout.block(group, last);
        for (int token = 0; token < tokens; token++) {
            float scale = rows.scales().getAtIndex(CpuBuffer.FLOAT, QuantizedRows.place(token, last, units));
            long to = sums + (long) token * RowLayout.COLUMN_BYTES;
            scale(wholes + (long) token * RowLayout.COLUMN_BYTES, block, scale, to);
            if (layout.minimum() == 0) {
                continue;
            }
            Raw.zero(spare, RowLayout.COLUMN_BYTES);
            for (int unit = last - QuantLayout.SUPERBLOCK_UNITS + 1; unit <= last; unit++) {
                long halves = rows.sums().address() + QuantizedRows.place(token, unit, units) * 2 * Integer.BYTES;
                float sum = Raw.bits(halves) + Raw.bits(halves + Integer.BYTES);
                addMinimums(layout.unit(group, unit) + RowLayout.GROUP_ROWS, sum, spare);
            }
            takeMinimums(spare, layout.minimums(block), scale, to);
        }
    }

    private static void scale(long wholes, long scales, float scale, long sums) {
        for (int row = 0; row < RowLayout.GROUP_ROWS; row += Lanes.COUNT) {
            FloatVector whole = (FloatVector) Raw.ints(wholes + 4L * row).convert(VectorOperators.I2F, 0);
            FloatVector both = Load.halves(Raw.MEMORY, scales + 2L * row).mul(scale);
            Raw.set(sums + 4L * row, whole.fma(both, Raw.floats(sums + 4L * row)));
        }
    }

    /// `to [64] += minimums [64] i8 * sum`, whole numbers that floats hold: at most 8 * 63 * 32 * 127.
    private static void addMinimums(long minimums, float sum, long to) {
        FloatVector factor = Load.broadcast(sum);
        for (int row = 0; row < RowLayout.GROUP_ROWS; row += Lanes.COUNT) {
            FloatVector own = Load.bytes(Raw.MEMORY, minimums + row);
            Raw.set(to + 4L * row, own.fma(factor, Raw.floats(to + 4L * row)));
        }
    }

    private static void takeMinimums(long wholes, long minimums, float scale, long sums) {
        for (int row = 0; row < RowLayout.GROUP_ROWS; row += Lanes.COUNT) {
            FloatVector both = Load.zero()
                    .sub(Load.halves(Raw.MEMORY, minimums + 2L * row))
                    .mul(scale);
            Raw.set(sums + 4L * row, Raw.floats(wholes + 4L * row).fma(both, Raw.floats(sums + 4L * row)));
        }
    }
}
