package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;

/// How a matrix lies in memory: groups of 64 rows, and within a group column after column, so that a vector holds the
/// same column of neighbouring rows and a product needs no sum across lanes. Missing rows of the last group are zero.
sealed interface RowLayout permits PlainLayout, BlockLayout {

    /// Rows of a group.
    int GROUP_ROWS = 64;

    /// Columns of a panel: a multiple of every kind of block but 256, which it divides.
    int PANEL_COLUMNS = 128;

    /// Bytes of a panel row: one column of a group as floats.
    int PANEL_STRIDE = GROUP_ROWS * Float.BYTES;

    /// The layout for tensors of that type.
    static RowLayout of(TensorType type) {
        return switch (type) {
            case F32, F16, BF16 -> PlainLayout.of(type);
            case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> BlockLayout.of(type);
        };
    }

    /// Bytes of a group of that many columns.
    long groupBytes(int columns);

    /// Takes over `rows` rows of `source`, which has them one after another from `firstRow` on, into the group at
    /// `offset`, whose memory is zero.
    void pack(MemorySegment source, int columns, int firstRow, int rows, MemorySegment target, long offset);

    /// Writes `count` columns of the group at `offset` to `panel` `[count, 64] f32`. `firstColumn` is a multiple of
    /// [#PANEL_COLUMNS], `count` at most that.
    void expand(MemorySegment weights, long offset, int firstColumn, int count, MemorySegment panel);

    /// Adds the product of `count` columns with one token, whose values stand at `xAt`, to `sums` `[64] f32`: bit for
    /// bit what [#expand] and [Tiles#one] do.
    /// `factors` is scratch of [#GROUP_ROWS] pairs of floats at least.
    void multiplyOne(
            MemorySegment weights,
            long offset,
            int firstColumn,
            int count,
            MemorySegment x,
            long xAt,
            MemorySegment factors,
            MemorySegment sums);
}
