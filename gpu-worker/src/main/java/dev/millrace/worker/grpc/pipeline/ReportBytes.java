package dev.millrace.worker.grpc.pipeline;

import com.google.protobuf.WireFormat;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;

/// A `StepReport` in protobuf's bytes, on its way out. Used again for the next report: gRPC copies a message while it
/// is
/// sent. Reports one after another in the same bytes are one report with the fields of all.
final class ReportBytes extends InputStream implements Drainable, KnownLength {

    private static final int MAX_VARINT_BYTES = 10;

    private byte[] bytes = new byte[256];
    private int length;
    private int handedOut;

    /// Empty again, and not handed out.
    void clear() {
        length = 0;
        handedOut = 0;
    }

    int length() {
        return length;
    }

    /// Adds what another one holds.
    void append(ReportBytes other) {
        append(other.bytes, other.length);
    }

    /// Adds a message as protobuf has written it.
    void append(byte[] message) {
        append(message, message.length);
    }

    private void append(byte[] source, int count) {
        reserve(count);
        System.arraycopy(source, 0, bytes, length, count);
        length += count;
    }

    private void reserve(int count) {
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + count, 2 * bytes.length));
        }
    }

    /// Adds a field with a number, unless it is 0.
    void number(int field, long value) {
        if (value != 0) {
            tag(field, WireFormat.WIRETYPE_VARINT);
            varint(value);
        }
    }

    /// Starts a packed field whose numbers take that many bytes.
    void packed(int field, int byteCount) {
        tag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        varint(byteCount);
        reserve(byteCount);
    }

    private void tag(int field, int wireType) {
        varint((long) field << 3 | wireType);
    }

    /// Adds a number without a tag.
    void varint(long value) {
        reserve(MAX_VARINT_BYTES);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    @Override
    public int available() {
        return length - handedOut;
    }

    @Override
    public int read() {
        return handedOut < length ? bytes[handedOut++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int start, int count) {
        Objects.checkFromIndexSize(start, count, target.length);
        if (handedOut == length) {
            return count == 0 ? 0 : -1;
        }
        int copied = Math.min(count, length - handedOut);
        System.arraycopy(bytes, handedOut, target, start, copied);
        handedOut += copied;
        return copied;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        int count = length - handedOut;
        target.write(bytes, handedOut, count);
        handedOut = length;
        return count;
    }
}
