package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Numbers without blocks: `[column][64 rows]` of the type's own two or four bytes.
record PlainLayout(TensorType type) implements RowLayout {

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
