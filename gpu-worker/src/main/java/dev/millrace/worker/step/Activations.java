package dev.millrace.worker.step;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Hidden states between two stages: `[T, H] f32`, little-endian, row after row, in off-heap memory.
public final class Activations {

    private final MemorySegment segment;
    private final int maxTokens;
    private final int hiddenSize;

    /// Makes room for `maxTokens` rows of `hiddenSize` values.
    public Activations(int maxTokens, int hiddenSize) {
        this.maxTokens = maxTokens;
        this.hiddenSize = hiddenSize;
        segment = Arena.ofAuto().allocate(4L * maxTokens * hiddenSize, 64);
    }

    /// `H`.
    public int hiddenSize() {
        return hiddenSize;
    }

    /// The most tokens that fit.
    public int maxTokens() {
        return maxTokens;
    }

    /// The first `tokens` rows.
    public MemorySegment rows(int tokens) {
        return segment.asSlice(0, 4L * tokens * hiddenSize);
    }
}
