package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Quants of one group of columns to a panel of floats, with the roundings of the plain definition of each format: `(d
/// * group scale) * q`, and plus or minus the minimum.
final class BlockExpansion {

    private static final int QUANT_STRIDE = RowLayout.GROUP_ROWS;
    private static final int NIBBLE_STRIDE = 2 * RowLayout.GROUP_ROWS;

    private BlockExpansion() {}

    /// `d`, times the group's own scale.
    static FloatVector scale(BlockLayout layout, MemorySegment weights, long block, long group, int row) {
        FloatVector scale = Load.halves(weights, block + 2L * row);
        return layout.groupScales() ? scale.mul(Load.bytes(weights, group + row)) : scale;
    }

    /// What is added to `scale * q` in layouts with a minimum: `m`, or `-(dmin * group minimum)`.
    static FloatVector offset(BlockLayout layout, MemorySegment weights, long block, long group, int row) {
        FloatVector minimum = Load.halves(weights, block + 2L * RowLayout.GROUP_ROWS + 2L * row);
        return layout.groupScales()
                ? minimum.mul(Load.bytes(weights, group + RowLayout.GROUP_ROWS + row))
                        .neg()
                : minimum;
    }

    /// [#offset], or zero in a layout without minimum.
    static FloatVector nibbleOffset(BlockLayout layout, MemorySegment weights, long block, long group, int row) {
        return layout.minimum() ? offset(layout, weights, block, group, row) : Load.zero();
    }

    static void bytes(BlockLayout layout, MemorySegment weights, long block, long group, MemorySegment panel, long to) {
        long quants = group + layout.groupHeaderBytes();
        for (int row = 0; row < RowLayout.GROUP_ROWS; row += Lanes.COUNT) {
            FloatVector scale = scale(layout, weights, block, group, row);
            if (layout.minimum()) {
                FloatVector offset = offset(layout, weights, block, group, row);
                for (int k = 0; k < layout.groupColumns(); k++) {
                    FloatVector value = Load.bytes(weights, quants + row + (long) k * QUANT_STRIDE)
                            .mul(scale)
                            .add(offset);
                    value.intoMemorySegment(panel, to + 4L * row + (long) k * RowLayout.PANEL_STRIDE, Lanes.ORDER);
                }
            } else {
                for (int k = 0; k < layout.groupColumns(); k++) {
                    FloatVector value = Load.bytes(weights, quants + row + (long) k * QUANT_STRIDE)
                            .mul(scale);
                    value.intoMemorySegment(panel, to + 4L * row + (long) k * RowLayout.PANEL_STRIDE, Lanes.ORDER);
                }
            }
        }
    }

    static void nibbles(
            BlockLayout layout, MemorySegment weights, long block, long group, MemorySegment panel, long to) {
        long quants = group + layout.groupHeaderBytes();
        for (int half = 0; half < RowLayout.GROUP_ROWS; half += 32) {
            for (int row = half; row < half + 16; row += Lanes.COUNT) {
                long from = quants + 2L * half + 4L * (row - half);
                long at = to + 4L * row;
                nibbleRows(layout, weights, block, group, row, from, 0, panel, at);
                nibbleRows(layout, weights, block, group, row + 16, from, 16, panel, at + 64);
            }
        }
    }

    /// The rows that stand in the low or, with a shift of 16, in the high halves of the ints at `from`.
    private static void nibbleRows(
            BlockLayout layout,
            MemorySegment weights,
            long block,
            long group,
            int row,
            long from,
            int shift,
            MemorySegment panel,
            long to) {
        FloatVector scale = scale(layout, weights, block, group, row);
        FloatVector offset = nibbleOffset(layout, weights, block, group, row);
        int zero = layout.nibbleZero();
        for (int k = 0; k < layout.groupColumns(); k += 4) {
            IntVector ints = Load.ints(weights, from + (long) (k / 4) * NIBBLE_STRIDE);
            for (int j = 0; j < 4; j++) {
                IntVector quant = ints.lanewise(VectorOperators.LSHR, shift + 4 * j)
                        .and(15)
                        .sub(zero);
                FloatVector value = ((FloatVector) quant.convert(VectorOperators.I2F, 0))
                        .mul(scale)
                        .add(offset);
                value.intoMemorySegment(panel, to + (long) (k + j) * RowLayout.PANEL_STRIDE, Lanes.ORDER);
            }
        }
    }
}
