package dev.millrace.tokenizer.vocabulary;

import java.util.Arrays;

/// Bytes that grow.
final class ByteList {
    private byte[] bytes;
    private int size;

    ByteList(int capacity) {
        bytes = new byte[Math.max(16, capacity)];
    }

    void add(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
    }

    void add(byte[] values) {
        add(values, values.length);
    }

    /// The first `count` of `values`.
    void add(byte[] values, int count) {
        ensure(count);
        System.arraycopy(values, 0, bytes, size, count);
        size += count;
    }

    /// A code point as UTF-8.
    void addCodePoint(int codePoint) {
        ensure(4);
        if (codePoint < 0x80) {
            bytes[size++] = (byte) codePoint;
        } else if (codePoint < 0x800) {
            bytes[size++] = (byte) (0xC0 | codePoint >> 6);
            bytes[size++] = (byte) (0x80 | codePoint & 0x3F);
        } else if (codePoint < 0x10000) {
            bytes[size++] = (byte) (0xE0 | codePoint >> 12);
            bytes[size++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
            bytes[size++] = (byte) (0x80 | codePoint & 0x3F);
        } else {
            bytes[size++] = (byte) (0xF0 | codePoint >> 18);
            bytes[size++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
            bytes[size++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
            bytes[size++] = (byte) (0x80 | codePoint & 0x3F);
        }
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    /// The array itself, of which the first [#size] bytes count; valid until the next addition.
    byte[] array() {
        return bytes;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
