package dev.millrace.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// A place in the header that only moves forward; every read is checked against the end of the file first.
final class HeaderReader {
    /// Real headers are below 20 MiB; whatever claims more is not read.
    static final long LARGEST_HEADER_BYTES = 128L << 20;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String source;
    private final MemorySegment file;
    private final long end;
    private long offset;

    HeaderReader(String source, MemorySegment file) {
        this.source = source;
        this.file = file;
        this.end = Math.min(file.byteSize(), LARGEST_HEADER_BYTES);
    }

    /// Bytes from the start of the file.
    long offset() {
        return offset;
    }

    String source() {
        return source;
    }

    byte readByte(String what) {
        return file.get(ValueLayout.JAVA_BYTE, advance(1, what));
    }

    short readShort(String what) {
        return file.get(SHORT, advance(Short.BYTES, what));
    }

    int readInt(String what) {
        return file.get(INT, advance(Integer.BYTES, what));
    }

    long readLong(String what) {
        return file.get(LONG, advance(Long.BYTES, what));
    }

    byte[] readBytes(int count, String what) {
        byte[] bytes = new byte[count];
        long start = advance(count, what);
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, start, bytes, 0, count);
        return bytes;
    }

    /// A count of things that take at least `smallestBytes` each, checked against what is left of the file.
    int readCount(int smallestBytes, String what) {
        long start = offset;
        long count = readLong(what);
        long most = Math.min((end - offset) / smallestBytes, Integer.MAX_VALUE - 16);
        if (count < 0 || count > most) {
            throw failAt(
                    start,
                    "%s is %s, but what is left of the file has room for at most %d"
                            .formatted(what, Long.toUnsignedString(count), most));
        }
        return (int) count;
    }

    /// A string that must be UTF-8, at most `longest` bytes.
    String readString(int longest, String what) {
        long start = offset;
        int length = readCount(1, "the length of " + what);
        if (length > longest) {
            throw failAt(start, "%s is %d bytes long; at most %d are allowed".formatted(what, length, longest));
        }
        byte[] bytes = readBytes(length, what);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw failAt(start, what + " is not valid UTF-8");
        }
    }

    StringArray readStrings(int count, String what) {
        int[] ends = new int[count];
        long start = offset;
        long total = 0;
        for (int index = 0; index < count; index++) {
            total += readCount(1, "the length of a string in " + what);
            ends[index] = (int) total;
            advance(ends[index] - (index == 0 ? 0 : ends[index - 1]), "a string in " + what);
        }
        byte[] bytes = new byte[(int) total];
        int previous = 0;
        for (int index = 0; index < count; index++) {
            long from = start + (long) Long.BYTES * (index + 1) + previous;
            MemorySegment.copy(file, ValueLayout.JAVA_BYTE, from, bytes, previous, ends[index] - previous);
            previous = ends[index];
        }
        return new StringArray(bytes, ends);
    }

    GgufException fail(String problem) {
        return failAt(offset, problem);
    }

    GgufException failAt(long where, String problem) {
        return new GgufException("%s: %s (at byte %d)".formatted(source, problem, where));
    }

    private long advance(long count, String what) {
        if (count > end - offset) {
            throw fail(
                    end < file.byteSize()
                            ? "the header is longer than %d MiB, which no real one is, in %s"
                                    .formatted(LARGEST_HEADER_BYTES >> 20, what)
                            : "the file ends in %s; it is cut short or damaged".formatted(what));
        }
        long start = offset;
        offset += count;
        return start;
    }
}
