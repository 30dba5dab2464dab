package dev.millrace.worker.grpc.link;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.millrace.proto.v1.LinkHello;
import dev.millrace.proto.v1.StageFrame;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// A `StageFrame` on its way out: protobuf tags and lengths around bytes that stay where they are until gRPC copies
/// them into its send buffer. The segments must not change before [#isSerialized] is true.
final class OutgoingFrame extends InputStream implements Drainable, KnownLength {

    private static final int MAX_PREFIX_BYTES = 64;
    private static final int COPY_BYTES = 64 * 1024;

    private final MemorySegment[] parts;
    private int part;
    private long offset;
    private int remaining;

    private OutgoingFrame(MemorySegment... parts) {
        this.parts = parts;
        long total = 0;
        for (MemorySegment segment : parts) {
            total += segment.byteSize();
        }
        remaining = Math.toIntExact(total);
    }

    static OutgoingFrame hello(LinkHello hello) {
        StageFrame frame = StageFrame.newBuilder().setHello(hello).build();
        return new OutgoingFrame(MemorySegment.ofArray(frame.toByteArray()));
    }

    /// A step for the next stage.
    static OutgoingFrame forward(long epoch, long step, MemorySegment input, MemorySegment activations) {
        return new OutgoingFrame(
                prefix(epoch, step, StageFrame.INPUT_FIELD_NUMBER, input),
                input,
                prefix(0, 0, StageFrame.ACTIVATIONS_FIELD_NUMBER, activations),
                activations);
    }

    /// The tokens of a step for stage 0.
    static OutgoingFrame output(long epoch, long step, MemorySegment output) {
        return new OutgoingFrame(prefix(epoch, step, StageFrame.OUTPUT_FIELD_NUMBER, output), output);
    }

    /// What stands before the bytes of a field; as usual in protobuf, fields without content are left out.
    private static MemorySegment prefix(long epoch, long step, int field, MemorySegment content) {
        byte[] bytes = new byte[MAX_PREFIX_BYTES];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            if (epoch != 0) {
                out.writeUInt64(StageFrame.EPOCH_FIELD_NUMBER, epoch);
            }
            if (step != 0) {
                out.writeUInt64(StageFrame.STEP_FIELD_NUMBER, step);
            }
            if (content.byteSize() != 0) {
                out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag(Math.toIntExact(content.byteSize()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the prefix of a frame takes more than " + MAX_PREFIX_BYTES + " bytes", e);
        }
        return MemorySegment.ofArray(bytes).asSlice(0, out.getTotalBytesWritten());
    }

    /// True once every byte was handed out: from then on the segments may be reused.
    boolean isSerialized() {
        return remaining == 0;
    }

    @Override
    public int available() {
        return remaining;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int start, int length) {
        Objects.checkFromIndexSize(start, length, target.length);
        if (remaining == 0) {
            return length == 0 ? 0 : -1;
        }
        int copied = 0;
        while (copied < length && remaining > 0) {
            MemorySegment segment = parts[part];
            int count = (int) Math.min(length - copied, segment.byteSize() - offset);
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, target, start + copied, count);
            copied += count;
            offset += count;
            remaining -= count;
            if (offset == segment.byteSize()) {
                part++;
                offset = 0;
            }
        }
        return copied;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        int total = remaining;
        byte[] chunk = new byte[Math.min(COPY_BYTES, total)];
        while (remaining > 0) {
            target.write(chunk, 0, read(chunk, 0, chunk.length));
        }
        return total;
    }
}
