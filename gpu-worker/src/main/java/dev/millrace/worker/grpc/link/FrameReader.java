package dev.millrace.worker.grpc.link;

import io.grpc.HasByteBuffer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/// Reads one message after another, piece by piece: a long one from gRPC's own buffers, where it shows them; a short
/// one, or one that was compressed, from a copy of a few kilobytes, which costs less than to be shown a buffer.
final class FrameReader {

    private static final int COPY_BYTES = 8 * 1024;

    private final ByteBuffer copy = ByteBuffer.allocate(COPY_BYTES);
    private InputStream message = InputStream.nullInputStream();
    private boolean buffersShown;
    private ByteBuffer piece = copy;
    private int pieceBytes;

    /// Starts with the next message.
    void open(InputStream next) throws IOException {
        message = next;
        buffersShown =
                next.available() > COPY_BYTES && next instanceof HasByteBuffer shown && shown.byteBufferSupported();
        piece = copy.limit(0);
        pieceBytes = 0;
    }

    /// The next byte, or -1 at the end of the message.
    int next() throws IOException {
        return hasMore() ? piece.get() & 0xff : -1;
    }

    /// A protobuf varint.
    ///
    /// @throws EOFException when the message ends within it
    long varint() throws IOException, FrameException {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int next = next();
            if (next < 0) {
                throw new EOFException();
            }
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                if (shift == 63 && next > 1) {
                    break;
                }
                return value;
            }
        }
        throw new FrameException("a number takes more than 64 bits");
    }

    /// Copies the next `count` bytes to the start of `target`.
    ///
    /// @throws EOFException when the message ends before
    void copy(MemorySegment target, long count) throws IOException {
        long copied = 0;
        while (copied < count) {
            if (!hasMore()) {
                throw new EOFException();
            }
            int taken = (int) Math.min(count - copied, piece.remaining());
            if (piece.hasArray()) {
                int start = piece.arrayOffset() + piece.position();
                MemorySegment.copy(piece.array(), start, target, ValueLayout.JAVA_BYTE, copied, taken);
            } else {
                MemorySegment.copy(MemorySegment.ofBuffer(piece), 0, target, copied, taken);
            }
            piece.position(piece.position() + taken);
            copied += taken;
        }
    }

    private boolean hasMore() throws IOException {
        while (!piece.hasRemaining()) {
            if (!(buffersShown ? showNext() : copyNext())) {
                return false;
            }
        }
        return true;
    }

    private boolean showNext() throws IOException {
        message.skipNBytes(pieceBytes);
        pieceBytes = 0;
        ByteBuffer shown = ((HasByteBuffer) message).getByteBuffer();
        if (shown == null) {
            return false;
        }
        piece = shown;
        pieceBytes = shown.remaining();
        return pieceBytes > 0;
    }

    private boolean copyNext() throws IOException {
        int count = message.read(copy.array(), 0, COPY_BYTES);
        copy.limit(Math.max(count, 0)).position(0);
        return count > 0;
    }
}
