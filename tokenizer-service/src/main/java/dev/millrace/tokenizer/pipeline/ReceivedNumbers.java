package dev.millrace.tokenizer.pipeline;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.Arrays;

/// The numbers of a packed field, which may come in several pieces: reports that had to wait are joined byte by byte.
final class ReceivedNumbers {
    private static final long[] NONE = {};

    private long[] values = NONE;
    private int count;

    /// Reads the next piece from a message of `messageBytes`.
    void read(CodedInputStream in, int messageBytes) throws IOException {
        int bytes = in.readRawVarint32();
        if (bytes < 0 || bytes > messageBytes) {
            throw new InvalidProtocolBufferException(
                    "a packed field of " + Integer.toUnsignedString(bytes) + " bytes in a message of " + messageBytes);
        }
        int outer = in.pushLimit(bytes);
        while (!in.isAtEnd()) {
            add(in.readRawVarint64());
        }
        in.popLimit(outer);
    }

    int count() {
        return count;
    }

    long at(int position) {
        return values[position];
    }

    private void add(long value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, Math.max(1, 2 * count));
        }
        values[count++] = value;
    }
}
