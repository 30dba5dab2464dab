package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.step.StepInput;
import java.lang.foreign.MemorySegment;

/// `[layer][block][KV head]`, and for each the keys `[D][16 tokens] f32`, so that a vector holds the same value of
/// neighbouring positions, then the values `[16 tokens][D, padded to 16] f32`.
record CpuKvCache(int layers, int kvHeads, int headSize, int blocks, MemorySegment data) implements KvCache {

    static final int TOKENS = StepInput.BLOCK_TOKENS;

    static long bytes(int layers, int kvHeads, int headSize, int blocks) {
        return headBytes(headSize) * kvHeads * blocks * layers;
    }

    private static long headBytes(int headSize) {
        return (long) TOKENS * Float.BYTES * (headSize + paddedHead(headSize));
    }

    /// `D` padded to whole vectors of any width.
    static int paddedHead(int headSize) {
        return Math.ceilDiv(headSize, 16) * 16;
    }

    /// Where the keys of a head in a block begin.
    long keys(int layer, int block, int head) {
        return (((long) layer * blocks + block) * kvHeads + head) * headBytes(headSize);
    }

    /// Where the values begin that belong to the keys at `keys`.
    long values(long keys) {
        return keys + (long) TOKENS * Float.BYTES * headSize;
    }

    /// Bytes from the values of one token to those of the next.
    long valueStride() {
        return (long) Float.BYTES * paddedHead(headSize);
    }
}
