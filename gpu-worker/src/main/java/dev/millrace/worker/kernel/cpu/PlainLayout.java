package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/// Numbers without blocks: `[column][64 rows]` of the type's own two or four bytes.
record PlainLayout(TensorType type) implements RowLayout {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static PlainLayout of(TensorType type) {
        return new PlainLayout(type);
    }

    private long columnBytes() {
        return (long) GROUP_ROWS * type.blockBytes();
    }

    @Override
    public long groupBytes(int columns) {
        return columnBytes() * columns;
    }

    /// Where a panel that needs no expanding begins.
    long panelOffset(long offset, int firstColumn) {
        return offset + columnBytes() * firstColumn;
    }

    @Override
    public void pack(MemorySegment source, int columns, int firstRow, int rows, MemorySegment target, long offset) {
        for (int row = 0; row < rows; row++) {
            long from = type.rowBytes(columns) * (firstRow + row);
            long to = offset + (long) row * type.blockBytes();
            for (int column = 0; column < columns; column++) {
                if (type == TensorType.F32) {
                    target.set(INT, to + columnBytes() * column, source.get(INT, from + 4L * column));
                } else {
                    target.set(SHORT, to + columnBytes() * column, source.get(SHORT, from + 2L * column));
                }
            }
        }
    }

    @Override
    public void expand(MemorySegment weights, long offset, int firstColumn, int count, MemorySegment panel) {
        long from = panelOffset(offset, firstColumn);
        switch (type) {
            case F16 -> expandHalves(weights, from, count, panel);
            case BF16 -> expandBrainFloats(weights, from, count, panel);
            default -> MemorySegment.copy(weights, from, panel, 0, columnBytes() * count);
        }
    }

    private static void expandHalves(MemorySegment weights, long from, int count, MemorySegment panel) {
        for (long at = 0; at < (long) count * GROUP_ROWS; at += Lanes.COUNT) {
            FloatVector values = Load.halves(weights, from + 2 * at);
            values.intoMemorySegment(panel, 4 * at, Lanes.ORDER);
        }
    }

    private static void expandBrainFloats(MemorySegment weights, long from, int count, MemorySegment panel) {
        for (long at = 0; at < (long) count * GROUP_ROWS; at += Lanes.COUNT) {
            FloatVector values = Load.brainFloats(weights, from + 2 * at);
            values.intoMemorySegment(panel, 4 * at, Lanes.ORDER);
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
        long from = panelOffset(offset, firstColumn);
        switch (type) {
            case F16 -> PlainProduct.halves(weights, from, count, x, xAt, sums);
            case BF16 -> PlainProduct.brainFloats(weights, from, count, x, xAt, sums);
            default -> Tiles.one(weights, from, count, x, xAt, sums, 0);
        }
    }
}
