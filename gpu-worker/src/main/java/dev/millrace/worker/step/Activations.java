package dev.millrace.worker.step;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Hidden states between two stages: `[T, H] f32`, little-endian, row after row, in off-heap memory.
public final class Activations {

    private final int maxTokens;
    private final int hiddenSize;
    private @Nullable MemorySegment segment;

    /// Room for `maxTokens` rows of `hiddenSize` values, which is taken when it is first asked for.
    public Activations(int maxTokens, int hiddenSize) {
        this.maxTokens = maxTokens;
        this.hiddenSize = hiddenSize;
    }

    /// As many rows as `segment` has room for, there.
    public Activations(MemorySegment segment, int hiddenSize) {
        this(Math.toIntExact(segment.byteSize() / Float.BYTES / hiddenSize), hiddenSize);
        this.segment = segment;
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
        return memory().asSlice(0, 4L * tokens * hiddenSize);
    }

    private MemorySegment memory() {
        MemorySegment there = segment;
        if (there == null) {
            there = Arena.ofAuto().allocate(4L * maxTokens * hiddenSize, 64);
            segment = there;
        }
        return there;
    }
}
