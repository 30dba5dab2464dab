package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Numbers without blocks: `[column][64 rows]` of the type's own two or four bytes.
record PlainLayout(TensorType type) implements RowLayout {

    /// Columns that are taken over at a time: what they are written to stays in a core's own cache.
    private static final int TOGETHER = 128;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Bytes of a column of the group.
    long columnBytes() {
        return (long) GROUP_ROWS * type.blockBytes();
    }

    @Override
    public long groupBytes(int columns) {
        return columnBytes() * columns;
    }

    @Override
    public void pack(MemorySegment source, int columns, int firstRow, int rows, MemorySegment target, long offset) {
        int width = type.blockBytes() / Short.BYTES;
        short[] file = new short[TOGETHER * width];
        short[] packed = new short[file.length * GROUP_ROWS];
        for (int first = 0; first < columns; first += TOGETHER) {
            int count = Math.min(TOGETHER, columns - first) * width;
            for (int row = 0; row < rows; row++) {
                long from = type.rowBytes(columns) * (firstRow + row) + (long) first * type.blockBytes();
                MemorySegment.copy(source, SHORT, from, file, 0, count);
                scatter(file, count, width, packed, row * width);
            }
            MemorySegment.copy(packed, 0, target, SHORT, offset + columnBytes() * first, count * GROUP_ROWS);
        }
    }

    private static void scatter(short[] file, int count, int width, short[] packed, int to) {
        int at = to;
        for (int i = 0; i < count; i += width) {
            for (int part = 0; part < width; part++) {
                packed[at + part] = file[i + part];
            }
            at += width * GROUP_ROWS;
        }
    }

    @Override
    public void row(MemorySegment weights, long group, int lane, int columns, MemorySegment target, long to) {
        for (int column = 0; column < columns; column++) {
            long at = group + columnBytes() * column + (long) lane * type.blockBytes();
            float value = switch (type) {
                case F16 -> Float.float16ToFloat(weights.get(SHORT, at));
                case BF16 -> Float.intBitsToFloat(weights.get(SHORT, at) << Short.SIZE);
                default -> Float.intBitsToFloat(weights.get(INT, at));
            };
            target.set(CpuBuffer.FLOAT, to + 4L * column, value);
        }
    }
}
