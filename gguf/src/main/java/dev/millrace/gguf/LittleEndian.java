package dev.millrace.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/// Grows a run of little-endian bytes in memory.
public final class LittleEndian {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public LittleEndian int8(int value) {
        return write(value, Byte.BYTES);
    }

    public LittleEndian int16(int value) {
        return write(value, Short.BYTES);
    }

    public LittleEndian int32(int value) {
        return write(value, Integer.BYTES);
    }

    public LittleEndian int64(long value) {
        return write(value, Long.BYTES);
    }

    public LittleEndian float32(float value) {
        return int32(Float.floatToRawIntBits(value));
    }

    /// The length as 8 bytes, then UTF-8.
    public LittleEndian string(String value) {
        byte[] encoded = value.getBytes(UTF_8);
        return int64(encoded.length).bytes(encoded);
    }

    public LittleEndian bytes(byte[] more) {
        bytes.writeBytes(more);
        return this;
    }

    /// Zeros up to a multiple of `alignment`.
    public LittleEndian pad(int alignment) {
        while (bytes.size() % alignment != 0) {
            bytes.write(0);
        }
        return this;
    }

    public int size() {
        return bytes.size();
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }

    private LittleEndian write(long value, int count) {
        for (int index = 0; index < count; index++) {
            bytes.write((int) (value >>> (8 * index)));
        }
        return this;
    }
}
