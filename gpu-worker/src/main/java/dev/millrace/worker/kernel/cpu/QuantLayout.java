package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Quantised blocks of 64 rows together, as small as the file's own. A block begins with `d [64] f16` and, where there
/// is one, `minimum [64] f16`; then come its units of 32 columns: in K blocks two runs `[64] i8` (scale and minimum, or
/// the scales of both halves of 16 columns), then the quants without sign, from which [#zero] is to be subtracted.
///
/// An int holds four columns of a row, a byte each, and the ints of the 64 rows stand together: 8 bits are
/// `[8][64] int`, 4 bits `[4][64] int` with columns `8i..8i+3` in the lower halves of the bytes and `8i+4..8i+7` in the
/// upper ones. 5 and 6 bits are the lower four in that way, then their upper bits: bit (or pair of bits) `i` of byte
/// `j`
/// belongs to column `4i + j` (of each 16 columns, where there are pairs). Instructions that multiply four bytes at a
/// time take this as it is; `gpu-worker/src/main/c` reads the same.
///
/// @param type the type in the file
/// @param bits of a quant
/// @param zero what a quant of 0 is meant to be, negated
/// @param blockColumns columns of a block
/// @param minimum what the minimum adds: -1, 0 (there is none) or 1 times itself
/// @param halves scales of a unit
record QuantLayout(TensorType type, int bits, int zero, int blockColumns, int minimum, int halves)
        implements RowLayout {

    static final int UNIT_COLUMNS = 32;

    /// Units of a K block.
    static final int SUPERBLOCK_UNITS = 8;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int HALVES_BYTES = Short.BYTES * GROUP_ROWS;
    private static final int ROW_INTS_BYTES = Integer.BYTES * GROUP_ROWS;
    private static final int NIBBLE_BYTES = 4 * ROW_INTS_BYTES;

    static QuantLayout of(TensorType type) {
        return switch (type) {
            case Q4_0 -> new QuantLayout(type, 4, 8, 32, 0, 1);
            case Q4_1 -> new QuantLayout(type, 4, 0, 32, 1, 1);
            case Q5_0 -> new QuantLayout(type, 5, 16, 32, 0, 1);
            case Q5_1 -> new QuantLayout(type, 5, 0, 32, 1, 1);
            case Q8_0 -> new QuantLayout(type, 8, 128, 32, 0, 1);
            case Q4_K -> new QuantLayout(type, 4, 0, 256, -1, 1);
            case Q5_K -> new QuantLayout(type, 5, 0, 256, -1, 1);
            case Q6_K -> new QuantLayout(type, 6, 32, 256, 0, 2);
            case F32, F16, BF16 -> throw new IllegalArgumentException(type + " has no blocks");
        };
    }

    private boolean isK() {
        return blockColumns > UNIT_COLUMNS;
    }

    private int blockUnits() {
        return blockColumns / UNIT_COLUMNS;
    }

    private int headerBytes() {
        return minimum == 0 ? HALVES_BYTES : 2 * HALVES_BYTES;
    }

    private int unitHeaderBytes() {
        return isK() ? 2 * GROUP_ROWS : 0;
    }

    private int unitBytes() {
        return unitHeaderBytes() + bits * ROW_INTS_BYTES;
    }

    private int blockBytes() {
        return headerBytes() + blockUnits() * unitBytes();
    }

    @Override
    public long groupBytes(int columns) {
        return (long) columns / blockColumns * blockBytes();
    }

    /// Where the block of a unit begins in the group at `group`.
    long block(long group, int unit) {
        return group + (long) (unit / blockUnits()) * blockBytes();
    }

    /// Where a unit begins in the group at `group`, with the scales of its own if it has any.
    long unit(long group, int unit) {
        return block(group, unit) + headerBytes() + (long) (unit % blockUnits()) * unitBytes();
    }

    /// Where the quants of the unit at `unit` begin.
    long quants(long unit) {
        return unit + unitHeaderBytes();
    }

    /// Where the minimums of the block at `block` are.
    long minimums(long block) {
        return block + HALVES_BYTES;
    }

    /// Whether units have scales of their own, `[64] i8` from the unit's begin.
    boolean hasUnitScales() {
        return isK();
    }

    @Override
    public void pack(MemorySegment source, int columns, int firstRow, int rows, MemorySegment target, long offset) {
        new QuantPacker(this).pack(source, columns, firstRow, rows, target, offset);
    }

    @Override
    public void row(MemorySegment weights, long group, int lane, int columns, MemorySegment target, long to) {
        for (int unit = 0; unit < columns / UNIT_COLUMNS; unit++) {
            long block = block(group, unit);
            long at = unit(group, unit);
            float scale = Float.float16ToFloat(weights.get(SHORT, block + 2L * lane));
            float least = minimum == 0 ? 0 : Float.float16ToFloat(weights.get(SHORT, minimums(block) + 2L * lane));
            if (minimum < 0) {
                least *= -(weights.get(ValueLayout.JAVA_BYTE, at + GROUP_ROWS + lane) & 0xff);
            }
            for (int column = 0; column < UNIT_COLUMNS; column++) {
                int half = column * halves / UNIT_COLUMNS;
                float own = isK() ? scale * weights.get(ValueLayout.JAVA_BYTE, at + half * GROUP_ROWS + lane) : scale;
                int quant = quant(weights, quants(at) + 4L * lane, column) - zero;
                target.set(CpuBuffer.FLOAT, to + 4L * (unit * UNIT_COLUMNS + column), own * quant + least);
            }
        }
    }

    /// A single quant of the row whose first int is at `ints`.
    private int quant(MemorySegment weights, long ints, int column) {
        int quad = column / 4;
        int inByte = column % 4;
        if (bits == 8) {
            return byteAt(weights, ints + (long) quad * ROW_INTS_BYTES + inByte);
        }
        int nibbles = byteAt(weights, ints + (long) (quad / 2) * ROW_INTS_BYTES + inByte);
        int lower = nibbles >>> 4 * (quad % 2) & 15;
        if (bits == 4) {
            return lower;
        }
        int own = bits - 4;
        int perByte = 8 / own;
        int upper = byteAt(weights, ints + NIBBLE_BYTES + (long) (quad / perByte) * ROW_INTS_BYTES + inByte);
        return lower | (upper >>> own * (quad % perByte) & (1 << own) - 1) << 4;
    }

    private static int byteAt(MemorySegment weights, long at) {
        return weights.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }
}
