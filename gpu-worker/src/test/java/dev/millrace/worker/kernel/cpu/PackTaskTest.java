package dev.millrace.worker.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PackTaskTest {

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void every_bit_of_a_matrix_is_where_its_layout_says(TensorType type) {
        int[] widths = type.blockElements() == 1 ? new int[] {1, 128, 300} : new int[] {1, 3, 8, 19};
        for (int width : widths) {
            int columns = width * type.blockElements();
            for (int rows : new int[] {1, 64, 130}) {
                byte[] file = new byte[Math.toIntExact(type.rowBytes(columns) * rows)];
                new Random(rows).nextBytes(file);
                MemorySegment source = MemorySegment.ofArray(file);
                assertThat(packed(type, rows, columns, source)).isEqualTo(expected(type, rows, columns, source));
            }
        }
    }

    private static byte[] packed(TensorType type, int rows, int columns, MemorySegment source) {
        RowLayout layout = RowLayout.of(type);
        MemorySegment target = MemorySegment.ofArray(new byte[(int) CpuMatrix.bytes(layout, rows, columns)]);
        CpuMatrix matrix = new CpuMatrix(type, rows, columns, layout, target);
        PackTask task = new PackTask(source, matrix);
        for (int group = 0; group < matrix.groups(); group++) {
            task.run(group, 0);
        }
        return target.toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] expected(TensorType type, int rows, int columns, MemorySegment source) {
        RowLayout layout = RowLayout.of(type);
        MemorySegment target = MemorySegment.ofArray(new byte[(int) CpuMatrix.bytes(layout, rows, columns)]);
        for (int first = 0; first < rows; first += RowLayout.GROUP_ROWS) {
            int count = Math.min(RowLayout.GROUP_ROWS, rows - first);
            MemorySegment group = target.asSlice(layout.groupBytes(columns) * (first / RowLayout.GROUP_ROWS));
            switch (layout) {
                case QuantLayout quants -> new PlainQuantPacker(quants).pack(source, columns, first, count, group);
                case PlainLayout ignored -> copy(type, source, columns, first, count, group);
            }
        }
        return target.toArray(ValueLayout.JAVA_BYTE);
    }

    private static void copy(
            TensorType type, MemorySegment source, int columns, int firstRow, int rows, MemorySegment group) {
        int bytes = type.blockBytes();
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                long from = type.rowBytes(columns) * (firstRow + row) + (long) column * bytes;
                long to = ((long) column * RowLayout.GROUP_ROWS + row) * bytes;
                MemorySegment.copy(source, from, group, to, bytes);
            }
        }
    }
}
