package dev.millrace.worker.grpc.link;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The bytes of one field of a frame, in an off-heap buffer that is used again for the next frame. Frames of the same
/// length share one segment.
final class FrameField {

    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

    private MemorySegment buffer = NOTHING;
    private MemorySegment filled = NOTHING;
    private MemorySegment content = NOTHING;

    /// The frame that is read next has none, unless it comes.
    void clear() {
        content = NOTHING;
    }

    /// Takes the next `length` bytes of the message, of which there are never more than `limit`.
    void read(FrameReader reader, long length, long limit) throws IOException {
        if (length > buffer.byteSize()) {
            buffer = Arena.ofAuto().allocate(Math.min(limit, Math.max(length, 2 * buffer.byteSize())), 64);
            filled = buffer;
        }
        if (length != filled.byteSize()) {
            filled = buffer.asSlice(0, length);
        }
        reader.copy(filled, length);
        content = filled;
    }

    /// The bytes; valid until the next frame.
    MemorySegment content() {
        return content;
    }
}
