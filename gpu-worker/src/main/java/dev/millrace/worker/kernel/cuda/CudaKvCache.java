package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepInput;

/// `[layer][block][KV head]`, for each 16 keys, then 16 values of a head, padded with zeros to whole 8: what a thread
/// reads in one go. `Q8_0` has the bytes of 16 tokens, padded to whole blocks of 32, then the f16 scales of the 16. As
/// kernels have it in `kv.cuh`.
record CudaKvCache(int layers, int kvHeads, int headSize, int blocks, KvType type, long address) implements KvCache {

    private static final int BLOCK_VALUES = 32;
    private static final int VALUES_TOGETHER = 8;

    static long layerBytes(KvType type, int kvHeads, int headSize, int blocks) {
        return 2L * StepInput.BLOCK_TOKENS * tokenBytes(type, headSize) * kvHeads * blocks;
    }

    /// Of the keys, or the values, of one head.
    private static long tokenBytes(KvType type, int headSize) {
        return switch (type) {
            case F16 -> (long) Short.BYTES * padded(headSize);
            case F32 -> (long) Float.BYTES * padded(headSize);
            case Q8_0 -> (long) (BLOCK_VALUES + Short.BYTES) * Math.ceilDiv(headSize, BLOCK_VALUES);
        };
    }

    private static int padded(int headSize) {
        return Math.ceilDiv(headSize, VALUES_TOGETHER) * VALUES_TOGETHER;
    }

    /// What the names of kernels for its type end with.
    String suffix() {
        return switch (type) {
            case F16 -> "f16";
            case F32 -> "f32";
            case Q8_0 -> "q8_0";
        };
    }

    /// Where block 0 of that layer begins.
    long layer(int layer) {
        return address + layer * layerBytes(type, kvHeads, headSize, blocks);
    }
}
