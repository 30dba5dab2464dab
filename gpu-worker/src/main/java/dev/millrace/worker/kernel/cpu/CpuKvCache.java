package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.step.StepInput;
import java.lang.foreign.MemorySegment;

/// `[layer][KV head]`, for each the keys of all blocks, then the values of all blocks, so that neighbouring blocks of a
/// sequence are read as one stream.
record CpuKvCache(int layers, int kvHeads, int headSize, int blocks, KvFormat format, MemorySegment data)
        implements KvCache {

    static final int TOKENS = StepInput.BLOCK_TOKENS;

    static long bytes(int layers, int kvHeads, int headSize, int blocks, KvFormat format) {
        return headBytes(format, headSize, blocks) * kvHeads * layers;
    }

    private static long headBytes(KvFormat format, int headSize, int blocks) {
        return (format.keyBytes(headSize) + format.valueBytes(headSize)) * blocks;
    }

    /// Address of the keys of a head, those of block 0.
    long keys(int layer, int head) {
        return data.address() + ((long) layer * kvHeads + head) * headBytes(format, headSize, blocks);
    }

    /// Address of the values of a head, those of block 0.
    long values(int layer, int head) {
        return keys(layer, head) + format.keyBytes(headSize) * blocks;
    }
}
