package dev.millrace.worker.grpc.link;

import io.grpc.HasByteBuffer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Reads a message piece by piece, from gRPC's own buffers where it shows them, from a copy of a few kilobytes where it
/// does not (a compressed message).
final class FrameReader {

    private static final int COPY_BYTES = 8 * 1024;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final InputStream message;
    private final boolean buffersShown;
    private ByteBuffer piece = NOTHING;
    private int pieceBytes;

    FrameReader(InputStream message) {
        this.message = message;
        buffersShown = message instanceof HasByteBuffer shown && shown.byteBufferSupported();
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
            MemorySegment source = MemorySegment.ofBuffer(piece);
            MemorySegment.copy(source, 0, target, copied, taken);
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
        byte[] bytes = new byte[COPY_BYTES];
        int count = message.read(bytes, 0, bytes.length);
        piece = ByteBuffer.wrap(bytes, 0, Math.max(count, 0));
        return count > 0;
    }
}
