package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.sample.Sampler;
import java.lang.foreign.MemorySegment;

/// What one thread needs beside the buffers.
///
/// @param panel expanded weights `[128 columns][64 rows] f32`
/// @param sums sums of a group of rows `[T or N][64] f32`
/// @param attention scores and sums of [AttentionTask]
/// @param sampler for one row of logits
record Scratch(MemorySegment panel, MemorySegment sums, MemorySegment attention, Sampler sampler) {

    static final long PANEL_BYTES = (long) RowLayout.PANEL_COLUMNS * RowLayout.PANEL_STRIDE;

    static long sumsBytes(int maxRows) {
        return (long) maxRows * RowLayout.PANEL_STRIDE;
    }
}
