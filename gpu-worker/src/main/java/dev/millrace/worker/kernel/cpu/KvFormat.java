package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepInput;

/// How the keys and values of one KV head stand in a block of 16 tokens: keys `[D][16 tokens]`, so that a vector holds
/// the same value of neighbouring positions, values `[16 tokens][D, padded to 16]`.
interface KvFormat {

    int TOKENS = StepInput.BLOCK_TOKENS;

    /// From one expanded value of a key to the next: 64 positions f32.
    int PANEL_BYTES = 64 * Float.BYTES;

    static KvFormat of(KvType type) {
        return switch (type) {
            case F16 -> new HalfKv();
            case Q8_0 -> new ByteKv();
            case F32 -> new FloatKv();
        };
    }

    /// `D` padded to whole vectors of any width.
    static int padded(int headSize) {
        return Math.ceilDiv(headSize, 16) * 16;
    }

    /// What a value takes, scales aside; it says the format to kernels in C.
    int bytes();

    /// Bytes of the keys of a block.
    long keyBytes(int headSize);

    /// Bytes of the values of a block.
    long valueBytes(int headSize);

    /// Puts a key of f32 values to place `token` of the block at `to`.
    void storeKey(long from, int headSize, long to, int token);

    /// Puts f32 values to place `token` of the block at `to`.
    void storeValue(long from, int headSize, long to, int token);

    /// Expands the keys of a block to `[D]` rows of 16 f32, [#PANEL_BYTES] apart.
    void expandKeys(long from, int headSize, long to);

    /// Expands the values of a block to `[16 tokens][D, padded to 16] f32`.
    void expandValues(long from, int headSize, long to);
}
