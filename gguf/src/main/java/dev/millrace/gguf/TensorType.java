package dev.millrace.gguf;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The tensor types Millrace reads and writes, with ggml's identifier and block shape. A row is a whole number of
/// blocks.
public enum TensorType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    BF16(30, 1, 2);

    private static final float LARGEST_HALF = 65504;

    private final int id;
    private final int blockElements;
    private final int blockBytes;

    TensorType(int id, int blockElements, int blockBytes) {
        this.id = id;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /// ggml's number for it.
    public int id() {
        return id;
    }

    public int blockElements() {
        return blockElements;
    }

    public int blockBytes() {
        return blockBytes;
    }

    /// Bytes of a row of `columns` elements, which must be a whole number of blocks.
    public long rowBytes(long columns) {
        if (columns < 0 || columns % blockElements != 0) {
            throw new IllegalArgumentException(
                    "%d elements are not a whole number of %s blocks of %d".formatted(columns, this, blockElements));
        }
        return Math.multiplyExact(columns / blockElements, blockBytes);
    }

    /// Dequantises `count` elements (a multiple of [#blockElements]) from `data` at `byteOffset` into
    /// `out[outOffset..]`: the plain reference of every format, written for reading, not for speed.
    public void dequantize(MemorySegment data, long byteOffset, float[] out, int outOffset, int count) {
        Objects.checkFromIndexSize(byteOffset, rowBytes(count), data.byteSize());
        Objects.checkFromIndexSize(outOffset, count, out.length);
        for (int done = 0; done < count; done += blockElements) {
            decode(data, byteOffset + (long) (done / blockElements) * blockBytes, out, outOffset + done);
        }
    }

    /// Quantises `count` elements (a multiple of [#blockElements]) of `in[inOffset..]` into `data` at `byteOffset`,
    /// each
    /// block as llama.cpp's reference quantisers would. Throws IllegalArgumentException where a value is not a finite
    /// number or beyond what a block of this type can hold.
    public void quantize(float[] in, int inOffset, int count, MemorySegment data, long byteOffset) {
        Objects.checkFromIndexSize(byteOffset, rowBytes(count), data.byteSize());
        Objects.checkFromIndexSize(inOffset, count, in.length);
        for (int done = 0; done < count; done += blockElements) {
            checkHoldable(in, inOffset + done);
            encode(in, inOffset + done, data, byteOffset + (long) (done / blockElements) * blockBytes);
        }
    }

    private void checkHoldable(float[] in, int at) {
        for (int index = at; index < at + blockElements; index++) {
            // A comparison that NaN fails.
            if (!(Math.abs(in[index]) <= largest())) {
                throw new IllegalArgumentException(
                        "element %d is %s; %s holds numbers up to %s".formatted(index, in[index], this, largest()));
            }
        }
    }

    /// Up to which absolute value elements are taken: where a block has an f16 scale, it must not overflow.
    private float largest() {
        return switch (this) {
            case F32 -> Float.MAX_VALUE;
            // Half a step above the largest number rounds to infinity.
            case BF16 -> Float.intBitsToFloat(0x7F7F7FFF);
            case F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> LARGEST_HALF;
        };
    }

    static @Nullable TensorType byId(int id) {
        for (TensorType type : values()) {
            if (type.id == id) {
                return type;
            }
        }
        return null;
    }

    static String names() {
        return Arrays.stream(values()).map(TensorType::name).collect(Collectors.joining(", "));
    }

    /// Writes the elements of the block at `offset` to `out[at..]`.
    private void decode(MemorySegment data, long offset, float[] out, int at) {
        switch (this) {
            case F32 -> PlainNumbers.float32(data, offset, out, at);
            case F16 -> PlainNumbers.float16(data, offset, out, at);
            case BF16 -> PlainNumbers.bfloat16(data, offset, out, at);
            case Q8_0 -> SimpleBlocks.q8Zero(data, offset, out, at);
            case Q4_0 -> SimpleBlocks.q4Zero(data, offset, out, at);
            case Q4_1 -> SimpleBlocks.q4One(data, offset, out, at);
            case Q5_0 -> SimpleBlocks.q5Zero(data, offset, out, at);
            case Q5_1 -> SimpleBlocks.q5One(data, offset, out, at);
            case Q4_K -> SuperBlocks.q4(data, offset, out, at);
            case Q5_K -> SuperBlocks.q5(data, offset, out, at);
            case Q6_K -> SuperBlocks.q6(data, offset, out, at);
        }
    }

    /// Writes the block at `offset` from the elements `in[at..]`.
    private void encode(float[] in, int at, MemorySegment data, long offset) {
        switch (this) {
            case F32 -> PlainNumbers.putFloat32(data, offset, in[at]);
            case F16 -> PlainNumbers.putHalf(data, offset, in[at]);
            case BF16 -> PlainNumbers.putBfloat16(data, offset, in[at]);
            case Q8_0 -> SimpleBlockEncoder.q8Zero(in, at, data, offset);
            case Q4_0 -> SimpleBlockEncoder.q4Zero(in, at, data, offset);
            case Q4_1 -> SimpleBlockEncoder.q4One(in, at, data, offset);
            case Q5_0 -> SimpleBlockEncoder.q5Zero(in, at, data, offset);
            case Q5_1 -> SimpleBlockEncoder.q5One(in, at, data, offset);
            case Q4_K -> SuperBlockEncoder.q4(in, at, data, offset);
            case Q5_K -> SuperBlockEncoder.q5(in, at, data, offset);
            case Q6_K -> SuperBlockEncoder.q6(in, at, data, offset);
        }
    }
}
