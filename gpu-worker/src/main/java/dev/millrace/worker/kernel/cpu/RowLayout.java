package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;

/// How a matrix lies in memory: groups of 64 rows, and within a group columns after columns, so that a vector holds the
/// same columns of neighbouring rows and a product needs no sum across lanes. Missing rows of the last group are zero.
sealed interface RowLayout permits PlainLayout, QuantLayout {

    /// Rows of a group.
    int GROUP_ROWS = 64;

    /// Bytes of one column of a group as floats: a row of a panel, a token's sums.
    int COLUMN_BYTES = GROUP_ROWS * Float.BYTES;

    /// The layout for tensors of that type.
    static RowLayout of(TensorType type) {
        return switch (type) {
            case F32, F16, BF16 -> new PlainLayout(type);
            case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> QuantLayout.of(type);
        };
    }

    /// Bytes of a group of that many columns.
    long groupBytes(int columns);

    /// Takes over `rows` rows of `source`, which has them one after another from `firstRow` on, into the group at
    /// `offset`, whose memory is zero.
    void pack(MemorySegment source, int columns, int firstRow, int rows, MemorySegment target, long offset);

    /// Writes row `lane` of the group at `group` to `target` as `[columns] f32` from `to` on.
    void row(MemorySegment weights, long group, int lane, int columns, MemorySegment target, long to);
}
