package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Quantised blocks of 64 rows together: `d [64] f16`, `minimum [64] f16` where there is one, then for each group of
/// columns that shares a scale: scales `[64] i8` and minimums `[64] i8` where the type has them, and the quants.
///
/// Quants of 4 bits stay nibbles: for each 4 columns 64 shorts, column 0 in the lowest bits; within each half of 32
/// rows the rows `i` and `i + 16` are neighbours, so that an int holds 4 columns of both. Wider ones are `[column][64]
/// i8`, also those of 5 and 6 bits, which take a third to a half more here than in the file.
///
/// @param type the type in the file
/// @param blockColumns columns of a block
/// @param groupColumns columns that share a scale
/// @param nibbles true for quants of 4 bits
/// @param minimum true where a minimum belongs to each scale
/// @param groupScales true where groups have scales of their own
record BlockLayout(
        TensorType type, int blockColumns, int groupColumns, boolean nibbles, boolean minimum, boolean groupScales)
        implements RowLayout {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int HALVES_BYTES = 2 * GROUP_ROWS;

    static BlockLayout of(TensorType type) {
        return switch (type) {
            case Q4_0 -> new BlockLayout(type, 32, 32, true, false, false);
            case Q4_1 -> new BlockLayout(type, 32, 32, true, true, false);
            case Q5_0, Q8_0 -> new BlockLayout(type, 32, 32, false, false, false);
            case Q5_1 -> new BlockLayout(type, 32, 32, false, true, false);
            case Q4_K -> new BlockLayout(type, 256, 32, true, true, true);
            case Q5_K -> new BlockLayout(type, 256, 32, false, true, true);
            case Q6_K -> new BlockLayout(type, 256, 16, false, false, true);
            case F32, F16, BF16 -> throw new IllegalArgumentException(type + " has no blocks");
        };
    }

    /// Bytes of a block's scales and minimums.
    int headerBytes() {
        return minimum ? 2 * HALVES_BYTES : HALVES_BYTES;
    }

    /// Bytes of a group's own scales and minimums.
    int groupHeaderBytes() {
        return groupScales ? (minimum ? 2 * GROUP_ROWS : GROUP_ROWS) : 0;
    }

    private int quantBytes() {
        return nibbles ? groupColumns * GROUP_ROWS / 2 : groupColumns * GROUP_ROWS;
    }

    /// Bytes of a group of columns.
    int groupStride() {
        return groupHeaderBytes() + quantBytes();
    }

    /// Bytes of a block of 64 rows.
    int blockStride() {
        return headerBytes() + blockColumns / groupColumns * groupStride();
    }

    @Override
    public long groupBytes(int columns) {
        return (long) columns / blockColumns * blockStride();
    }

    @Override
    public void pack(MemorySegment source, int columns, int firstRow, int rows, MemorySegment target, long offset) {
        QuantReader reader = new QuantReader(source, type);
        QuantBlock block = new QuantBlock();
        byte[] packed = new byte[blockStride()];
        MemorySegment view = MemorySegment.ofArray(packed);
        int blocks = columns / blockColumns;
        for (int b = 0; b < blocks; b++) {
            Arrays.fill(packed, (byte) 0);
            for (int row = 0; row < rows; row++) {
                reader.read(((long) (firstRow + row) * blocks + b) * type.blockBytes(), block);
                packScales(block, row, packed, view);
                packQuants(block, row, packed);
            }
            MemorySegment.copy(view, 0, target, offset + (long) b * packed.length, packed.length);
        }
    }

    private void packScales(QuantBlock block, int row, byte[] packed, MemorySegment view) {
        view.set(SHORT, 2L * row, block.scale);
        if (minimum) {
            view.set(SHORT, HALVES_BYTES + 2L * row, block.minimum);
        }
        for (int group = 0; groupScales && group < blockColumns / groupColumns; group++) {
            int at = headerBytes() + group * groupStride();
            packed[at + row] = block.groupScales[group];
            if (minimum) {
                packed[at + GROUP_ROWS + row] = block.groupMinimums[group];
            }
        }
    }

    private void packQuants(QuantBlock block, int row, byte[] packed) {
        // Bytes of the row's short within 128: halves of 32 rows, in which rows 16 apart are neighbours.
        int pair = row / 32 * 64 + row % 16 * 4 + row % 32 / 16 * 2;
        int at = headerBytes() + groupHeaderBytes();
        for (int first = 0; first < blockColumns; first += groupColumns) {
            if (nibbles) {
                for (int k = 0; k < groupColumns; k += 4) {
                    int index = at + k / 4 * HALVES_BYTES + pair;
                    byte[] quants = block.quants;
                    packed[index] = (byte) (quants[first + k] | quants[first + k + 1] << 4);
                    packed[index + 1] = (byte) (quants[first + k + 2] | quants[first + k + 3] << 4);
                }
            } else {
                for (int k = 0; k < groupColumns; k++) {
                    packed[at + k * GROUP_ROWS + row] = block.quants[first + k];
                }
            }
            at += groupStride();
        }
    }

    /// Where the block with that column begins in the rows at `offset`.
    long block(long offset, int column) {
        return offset + (long) (column / blockColumns) * blockStride();
    }

    /// Where the group with that column begins in its block.
    long group(long block, int column) {
        return block + headerBytes() + (long) (column % blockColumns / groupColumns) * groupStride();
    }

    /// What is subtracted from a nibble: four-bit types without minimum are centred.
    int nibbleZero() {
        return minimum ? 0 : 8;
    }

    @Override
    public void expand(MemorySegment weights, long offset, int firstColumn, int count, MemorySegment panel) {
        for (int column = firstColumn; column < firstColumn + count; column += groupColumns) {
            long block = block(offset, column);
            long group = group(block, column);
            long to = (long) (column - firstColumn) * PANEL_STRIDE;
            if (nibbles) {
                BlockExpansion.nibbles(this, weights, block, group, panel, to);
            } else {
                BlockExpansion.bytes(this, weights, block, group, panel, to);
            }
        }
    }

    @Override
    public void multiplyOne(
            MemorySegment weights,
            long offset,
            int firstColumn,
            int count,
            MemorySegment x,
            long xAt,
            MemorySegment factors,
            MemorySegment sums) {
        BlockProduct.one(this, weights, offset, firstColumn, count, x, xAt, factors, sums);
    }
}
