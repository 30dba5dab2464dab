package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Takes the blocks of GGUF apart. What they mean is written at [TensorType#dequantize]; here quants stay
/// integers, and none has a sign: what is to be subtracted from them is [QuantLayout#zero].
final class QuantReader {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment source;
    private final TensorType type;
    private final byte[] raw;

    QuantReader(MemorySegment source, TensorType type) {
        this.source = source;
        this.type = type;
        raw = new byte[type.blockBytes()];
    }

    void read(long offset, QuantBlock block) {
        switch (type) {
            case Q8_0 -> q8(offset, block);
            case Q4_0 -> q4(offset, 2, block);
            case Q4_1 -> q4(offset, 4, block);
            case Q5_0 -> q5(offset, 2, block);
            case Q5_1 -> q5(offset, 4, block);
            case Q4_K, Q5_K -> k4or5(offset, block);
            case Q6_K -> k6(offset, block);
            case F32, F16, BF16 -> throw new IllegalArgumentException(type + " has no blocks");
        }
    }

    private void q8(long offset, QuantBlock block) {
        block.scale = source.get(SHORT, offset);
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset + 2, block.quants, 0, 32);
        for (int i = 0; i < 32; i++) {
            block.quants[i] += (byte) 128;
        }
    }

    private void q4(long offset, int header, QuantBlock block) {
        block.scale = source.get(SHORT, offset);
        block.minimum = header == 4 ? source.get(SHORT, offset + 2) : 0;
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset + type.blockBytes() - 16, raw, 0, 16);
        for (int i = 0; i < 16; i++) {
            block.quants[i] = (byte) (raw[i] & 15);
            block.quants[i + 16] = (byte) (raw[i] >> 4 & 15);
        }
    }

    /// The fifth bits stand in a word after scale and minimum.
    private void q5(long offset, int header, QuantBlock block) {
        q4(offset, header, block);
        int fifths = source.get(INT, offset + header);
        for (int i = 0; i < 32; i++) {
            block.quants[i] += (byte) ((fifths >>> i & 1) << 4);
        }
    }

    private void k4or5(long offset, QuantBlock block) {
        block.scale = source.get(SHORT, offset);
        block.minimum = source.get(SHORT, offset + 2);
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, raw, 0, raw.length);
        for (int group = 0; group < 4; group++) {
            int upper = raw[4 + group] & 0xff;
            int middle = raw[8 + group] & 0xff;
            int lower = raw[12 + group] & 0xff;
            block.groupScales[group] = (byte) (upper & 63);
            block.groupMinimums[group] = (byte) (middle & 63);
            block.groupScales[group + 4] = (byte) (lower & 15 | upper >> 6 << 4);
            block.groupMinimums[group + 4] = (byte) (lower >> 4 | middle >> 6 << 4);
        }
        boolean five = type == TensorType.Q5_K;
        int nibbles = five ? 48 : 16;
        for (int i = 0; i < 256; i++) {
            int group = i / 32;
            int low = raw[nibbles + group / 2 * 32 + i % 32] >> 4 * (group % 2) & 15;
            int fifth = five ? (raw[16 + i % 32] >> group & 1) << 4 : 0;
            block.quants[i] = (byte) (low | fifth);
        }
    }

    private void k6(long offset, QuantBlock block) {
        block.scale = source.get(SHORT, offset + 208);
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, raw, 0, raw.length);
        System.arraycopy(raw, 192, block.groupScales, 0, 16);
        for (int i = 0; i < 256; i++) {
            int side = i / 128;
            int run = i % 128 / 32;
            int low = raw[side * 64 + run % 2 * 32 + i % 32] >> 4 * (run / 2) & 15;
            int upper = raw[128 + side * 32 + i % 32] >> 2 * run & 3;
            block.quants[i] = (byte) (low | upper << 4);
        }
    }
}
