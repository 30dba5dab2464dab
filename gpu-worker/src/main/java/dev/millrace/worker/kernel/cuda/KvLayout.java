package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepInput;

/// How the keys and values of a layer stand on the device, as `kv.cuh` says: `[block][KV head][keys, values]`, each 16
/// rows of a head's values, padded to whole 8 (quantised to whole 32), and behind quantised rows their scales.
record KvLayout(KvType type, int kvHeads, int headSize) {

    /// Values of a head that kernels can take.
    static final int MOST_VALUES = 1024;

    private static final int VALUES_TOGETHER = 8;
    private static final int GROUP = 32;

    KvLayout {
        if (headSize > MOST_VALUES) {
            throw new IllegalArgumentException(
                    "a head of %d values; %d is the most on a CUDA device".formatted(headSize, MOST_VALUES));
        }
    }

    private int padded(int multiple) {
        return Math.ceilDiv(headSize, multiple) * multiple;
    }

    /// Of the keys, or the values, of a KV head in a block.
    private long partBytes() {
        int row =
                switch (type) {
                    case F32 -> Float.BYTES * padded(VALUES_TOGETHER);
                    case F16 -> Short.BYTES * padded(VALUES_TOGETHER);
                    case Q8_0 -> padded(GROUP) + Short.BYTES * (padded(GROUP) / GROUP);
                };
        return (long) StepInput.BLOCK_TOKENS * row;
    }

    /// Of a layer that has `blocks` KV blocks.
    long layerBytes(int blocks) {
        return 2 * partBytes() * kvHeads * blocks;
    }

    /// What the names of kernels for this type end with.
    String suffix() {
        return switch (type) {
            case F32 -> "f32";
            case F16 -> "f16";
            case Q8_0 -> "q8_0";
        };
    }
}
