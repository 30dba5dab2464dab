package dev.millrace.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Little-endian numbers at any byte, and the formats that are nothing but numbers.
final class PlainNumbers {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private PlainNumbers() {}

    static int unsignedByte(MemorySegment data, long offset) {
        return Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, offset));
    }

    static byte signedByte(MemorySegment data, long offset) {
        return data.get(ValueLayout.JAVA_BYTE, offset);
    }

    static int int32(MemorySegment data, long offset) {
        return data.get(INT, offset);
    }

    static float half(MemorySegment data, long offset) {
        return Float.float16ToFloat(data.get(SHORT, offset));
    }

    static void float32(MemorySegment data, long offset, float[] out, int at) {
        out[at] = Float.intBitsToFloat(data.get(INT, offset));
    }

    static void float16(MemorySegment data, long offset, float[] out, int at) {
        out[at] = half(data, offset);
    }

    /// The upper half of a float32.
    static void bfloat16(MemorySegment data, long offset, float[] out, int at) {
        out[at] = Float.intBitsToFloat(data.get(SHORT, offset) << 16);
    }

    static void putByte(MemorySegment data, long offset, int value) {
        data.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    static void putInt32(MemorySegment data, long offset, int value) {
        data.set(INT, offset, value);
    }

    /// Rounded to nearest, ties to even.
    static void putHalf(MemorySegment data, long offset, float value) {
        data.set(SHORT, offset, Float.floatToFloat16(value));
    }

    static void putFloat32(MemorySegment data, long offset, float value) {
        putInt32(data, offset, Float.floatToRawIntBits(value));
    }

    /// The upper half of a float32, rounded to nearest, ties to even.
    static void putBfloat16(MemorySegment data, long offset, float value) {
        int bits = Float.floatToRawIntBits(value);
        data.set(SHORT, offset, (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16));
    }
}
