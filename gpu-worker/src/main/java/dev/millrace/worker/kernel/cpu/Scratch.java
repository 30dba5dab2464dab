package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.sample.Sampler;
import java.lang.foreign.MemorySegment;

/// What one thread needs beside the buffers.
///
/// @param panel expanded weights and what else a product of matrices needs
/// @param halves a panel of [HalfPanel], for the Vector API
/// @param sums sums of a group of rows `[T or N, padded to 16][64] f32`
/// @param moreSums those of a second matrix
/// @param wholes sums that are not scaled yet `[T or N, padded to 16][64] i32`, for the Vector API
/// @param gated what a gate gives, a superblock wide, where there are any
/// @param attention scores and sums of [AttentionTask]
/// @param sampler for one row of logits
record Scratch(
        MemorySegment panel,
        float[] halves,
        MemorySegment sums,
        MemorySegment moreSums,
        MemorySegment wholes,
        MemorySegment gated,
        MemorySegment attention,
        Sampler sampler) {

    static long panelBytes(boolean useNative) {
        return useNative
                ? Math.max(PlainNativeProducts.SCRATCH_BYTES, NativeLibrary.SCRATCH_BYTES)
                : Math.max(PlainVectorProducts.SCRATCH_BYTES, VectorProducts.SCRATCH_BYTES);
    }

    static long gatedBytes(int maxRows) {
        return (long) maxRows * QuantLayout.SUPERBLOCK_UNITS * QuantLayout.UNIT_COLUMNS * Float.BYTES;
    }

    static long sumsBytes(int maxRows) {
        int together = QuantizedRows.TOGETHER;
        return (long) Math.ceilDiv(maxRows, together) * together * RowLayout.COLUMN_BYTES;
    }
}
