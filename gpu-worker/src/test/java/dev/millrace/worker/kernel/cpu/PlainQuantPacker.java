package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What [QuantLayout] says, quant by quant: a block is taken apart and put together again.
final class PlainQuantPacker {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int ROWS = RowLayout.GROUP_ROWS;
    private static final int ROW_INTS_BYTES = Integer.BYTES * ROWS;

    private final QuantLayout layout;

    PlainQuantPacker(QuantLayout layout) {
        this.layout = layout;
    }

    void pack(MemorySegment source, int columns, int firstRow, int rows, MemorySegment target) {
        QuantReader reader = new QuantReader(source, layout.type());
        QuantBlock block = new QuantBlock();
        int blocks = columns / layout.blockColumns();
        int units = layout.blockColumns() / QuantLayout.UNIT_COLUMNS;
        for (int b = 0; b < blocks; b++) {
            long to = layout.block(0, b * units);
            for (int row = 0; row < rows; row++) {
                reader.read(
                        ((long) (firstRow + row) * blocks + b) * layout.type().blockBytes(), block);
                target.set(SHORT, to + 2L * row, block.scale);
                if (layout.minimum() != 0) {
                    target.set(SHORT, layout.minimums(to) + 2L * row, block.minimum);
                }
                for (int unit = 0; unit < units; unit++) {
                    packUnit(block, unit, row, target, layout.unit(0, b * units + unit));
                }
            }
        }
    }

    private void packUnit(QuantBlock block, int unit, int row, MemorySegment target, long to) {
        if (layout.hasUnitScales()) {
            boolean two = layout.halves() == 2;
            byte second = two ? block.groupScales[2 * unit + 1] : block.groupMinimums[unit];
            target.set(ValueLayout.JAVA_BYTE, to + row, block.groupScales[two ? 2 * unit : unit]);
            target.set(ValueLayout.JAVA_BYTE, to + ROWS + row, second);
        }
        long ints = layout.quants(to) + (long) Integer.BYTES * row;
        int own = layout.bits() - 4;
        for (int column = 0; column < QuantLayout.UNIT_COLUMNS; column++) {
            int quant = block.quants[unit * QuantLayout.UNIT_COLUMNS + column] & 0xff;
            int quad = column / 4;
            if (layout.bits() == 8) {
                add(target, ints + (long) quad * ROW_INTS_BYTES + column % 4, quant);
                continue;
            }
            add(target, ints + (long) (quad / 2) * ROW_INTS_BYTES + column % 4, (quant & 15) << 4 * (quad % 2));
            if (own > 0) {
                int perByte = 8 / own;
                long upper = ints + (4L + quad / perByte) * ROW_INTS_BYTES + column % 4;
                add(target, upper, quant >> 4 << own * (quad % perByte));
            }
        }
    }

    private static void add(MemorySegment target, long at, int bits) {
        target.set(ValueLayout.JAVA_BYTE, at, (byte) (target.get(ValueLayout.JAVA_BYTE, at) | bits));
    }
}
