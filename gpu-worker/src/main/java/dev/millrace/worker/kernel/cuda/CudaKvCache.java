package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepInput;

/// `[layer][block][KV head]`, for each 16 keys, then 16 values of a head: what a warp reads in one go. `Q8_0` has the
/// bytes of 16 tokens, padded to whole blocks of 32, then the f16 scales of the 16.
record CudaKvCache(int layers, int kvHeads, int headSize, int blocks, KvType type, long address) implements KvCache {

    private static final int BLOCK_VALUES = 32;

    static long layerBytes(KvType type, int kvHeads, int headSize, int blocks) {
        return 2L * StepInput.BLOCK_TOKENS * tokenBytes(type, headSize) * kvHeads * blocks;
    }

    /// Of the keys, or the values, of one head.
    private static long tokenBytes(KvType type, int headSize) {
        return switch (type) {
            case F16 -> (long) Short.BYTES * headSize;
            case F32 -> (long) Float.BYTES * headSize;
            case Q8_0 -> (long) (BLOCK_VALUES + Short.BYTES) * Math.ceilDiv(headSize, BLOCK_VALUES);
        };
    }

    /// Where block 0 of that layer begins.
    long layer(int layer) {
        return address + layer * layerBytes(type, kvHeads, headSize, blocks);
    }
}
