package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Takes rows of GGUF's blocks over into a group of [QuantLayout]: 256 columns of one row after the other, so that what
/// is written stays in the first cache, and through arrays, which even code that was just compiled is quick with: a
/// start is over before it is compiled well. What the file's blocks mean is written at [TensorType#dequantize].
final class QuantPacker {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int ROWS = RowLayout.GROUP_ROWS;
    private static final int COLUMNS = 256;
    private static final int UNITS = COLUMNS / QuantLayout.UNIT_COLUMNS;

    private final QuantLayout layout;
    private final TensorType type;
    /// Of a block in the file.
    private final int fileShorts;
    private final int blockUnits;
    private final int unitInts;
    private final short[] file;
    /// `[block][2][64 rows]`: `d`, then the minimum where there is one.
    private final short[] halves;
    /// `[unit][2][64 rows]`
    private final byte[] unitScales = new byte[UNITS * 2 * ROWS];
    /// `[unit][bits][64 rows]`
    private final int[] quants;

    private final QuantWords words;

    QuantPacker(QuantLayout layout) {
        this.layout = layout;
        type = layout.type();
        fileShorts = type.blockBytes() / Short.BYTES;
        blockUnits = layout.blockColumns() / QuantLayout.UNIT_COLUMNS;
        unitInts = layout.bits() * ROWS;
        file = new short[UNITS / blockUnits * fileShorts];
        halves = new short[UNITS / blockUnits * 2 * ROWS];
        quants = new int[UNITS * unitInts];
        words = new QuantWords(file, quants);
    }

    /// As [RowLayout#pack].
    void pack(MemorySegment source, int columns, int firstRow, int rows, MemorySegment target, long offset) {
        int blocks = columns / layout.blockColumns();
        for (int first = 0; first < blocks; first += UNITS / blockUnits) {
            int count = Math.min(UNITS / blockUnits, blocks - first);
            for (int row = 0; row < rows; row++) {
                long from = ((long) (firstRow + row) * blocks + first) * type.blockBytes();
                MemorySegment.copy(source, SHORT, from, file, 0, count * fileShorts);
                for (int block = 0; block < count; block++) {
                    takeBlock(block, row);
                }
            }
            for (int block = 0; block < count; block++) {
                write(block, target, layout.block(offset, (first + block) * blockUnits));
            }
        }
    }

    private void takeBlock(int block, int row) {
        int at = block * fileShorts;
        int half = block * 2 * ROWS + row;
        int to = block * blockUnits * unitInts + row;
        halves[half] = file[at];
        switch (type) {
            case Q8_0 -> words.octets(at + 1, to);
            case Q4_0 -> words.nibbles(at + 1, to);
            case Q4_1 -> {
                halves[half + ROWS] = file[at + 1];
                words.nibbles(at + 2, to);
            }
            case Q5_0 -> {
                words.fifths(at + 1, to);
                words.nibbles(at + 3, to);
            }
            case Q5_1 -> {
                halves[half + ROWS] = file[at + 1];
                words.fifths(at + 2, to);
                words.nibbles(at + 4, to);
            }
            case Q4_K -> {
                halves[half + ROWS] = file[at + 1];
                takeScales(at + 2, row);
                takeNibbles(at + 8, to);
            }
            case Q5_K -> {
                halves[half + ROWS] = file[at + 1];
                takeScales(at + 2, row);
                for (int unit = 0; unit < UNITS; unit++) {
                    words.fifths(at + 8, unit, to + unit * unitInts);
                }
                takeNibbles(at + 24, to);
            }
            case Q6_K -> {
                halves[half] = file[at + 104];
                takeSixes(at, to, row);
            }
            case F32, F16, BF16 -> throw new IllegalArgumentException(type + " has no blocks");
        }
    }

    /// Two units share 32 bytes.
    private void takeNibbles(int at, int to) {
        for (int unit = 0; unit < UNITS; unit++) {
            words.nibbles(at + unit / 2 * 16, 4 * (unit % 2), to + unit * unitInts);
        }
    }

    /// Scales and minimums of 6 bits; those of the last four units are spread over all bytes.
    private void takeScales(int at, int row) {
        for (int unit = 0; unit < 4; unit++) {
            int upper = words.octet(at, unit);
            int middle = words.octet(at, unit + 4);
            int lower = words.octet(at, unit + 8);
            int to = unit * 2 * ROWS + row;
            unitScales[to] = (byte) (upper & 63);
            unitScales[to + ROWS] = (byte) (middle & 63);
            unitScales[to + 8 * ROWS] = (byte) (lower & 15 | upper >> 6 << 4);
            unitScales[to + 9 * ROWS] = (byte) (lower >> 4 | middle >> 6 << 4);
        }
    }

    /// Each half of the units has 64 bytes of nibbles for two times two units, and 32 bytes for the upper bits of four.
    private void takeSixes(int at, int to, int row) {
        for (int unit = 0; unit < UNITS; unit++) {
            int side = unit / 4;
            int run = unit % 4;
            int own = to + unit * unitInts;
            words.nibbles(at + side * 32 + run % 2 * 16, 4 * (run / 2), own);
            words.sixths(at + 64 + side * 16, 2 * run, own);
            unitScales[unit * 2 * ROWS + row] = (byte) words.octet(at + 96, 2 * unit);
            unitScales[unit * 2 * ROWS + ROWS + row] = (byte) words.octet(at + 96, 2 * unit + 1);
        }
    }

    private void write(int block, MemorySegment target, long offset) {
        int headerHalves = layout.minimum() == 0 ? ROWS : 2 * ROWS;
        MemorySegment.copy(halves, block * 2 * ROWS, target, SHORT, offset, headerHalves);
        long to = offset + (long) headerHalves * Short.BYTES;
        for (int unit = block * blockUnits; unit < (block + 1) * blockUnits; unit++) {
            if (layout.hasUnitScales()) {
                MemorySegment.copy(unitScales, unit * 2 * ROWS, target, ValueLayout.JAVA_BYTE, to, 2 * ROWS);
                to += 2 * ROWS;
            }
            MemorySegment.copy(quants, unit * unitInts, target, INT, to, unitInts);
            to += (long) unitInts * Integer.BYTES;
        }
    }
}
