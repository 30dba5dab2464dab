package dev.millrace.worker.grpc.link;

import com.google.protobuf.WireFormat;
import dev.millrace.proto.v1.LinkHello;
import dev.millrace.proto.v1.StageFrame;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/// A `StageFrame` on its way out: protobuf tags and lengths around bytes that stay where they are until gRPC copies
/// them into its send buffer. The segments must not change, nor the frame be filled again, before [#isSerialized] is
/// true.
final class OutgoingFrame extends InputStream implements Drainable, KnownLength {

    private static final int MAX_PREFIX_BYTES = 64;
    private static final int COPY_BYTES = 64 * 1024;
    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

    private final byte[] chunk = new byte[COPY_BYTES];
    /// Prefixes and contents in turn.
    private final MemorySegment[] parts = {
        MemorySegment.ofArray(new byte[MAX_PREFIX_BYTES]), NOTHING,
        MemorySegment.ofArray(new byte[MAX_PREFIX_BYTES]), NOTHING
    };
    private final long[] partBytes = new long[4];
    private int part;
    private long offset;
    private int remaining;

    /// Fills the frame with a hello.
    OutgoingFrame hello(LinkHello hello) {
        start();
        MemorySegment content = MemorySegment.ofArray(hello.toByteArray());
        field(0, 0, 0, StageFrame.HELLO_FIELD_NUMBER, content);
        return this;
    }

    /// Fills the frame with a step for the next stage.
    OutgoingFrame forward(long epoch, long step, MemorySegment input, MemorySegment activations) {
        start();
        field(0, epoch, step, StageFrame.INPUT_FIELD_NUMBER, input);
        field(2, 0, 0, StageFrame.ACTIVATIONS_FIELD_NUMBER, activations);
        return this;
    }

    /// Fills the frame with a step for the next stage, whose activations lie in that slot, from 0.
    OutgoingFrame forward(long epoch, long step, MemorySegment input, int slot) {
        start();
        field(0, epoch, step, StageFrame.INPUT_FIELD_NUMBER, input);
        int prefix = number(parts[2], 0, StageFrame.SLOT_FIELD_NUMBER, slot + 1);
        partBytes[2] = prefix;
        remaining += prefix;
        return this;
    }

    /// Fills the frame with the tokens of a step for stage 0.
    OutgoingFrame output(long epoch, long step, MemorySegment output) {
        start();
        field(0, epoch, step, StageFrame.OUTPUT_FIELD_NUMBER, output);
        return this;
    }

    private void start() {
        Arrays.fill(partBytes, 0);
        part = 0;
        offset = 0;
        remaining = 0;
    }

    /// Adds the bytes of a field and what stands before them; as usual in protobuf, what is 0 or empty is left out.
    private void field(int at, long epoch, long step, int field, MemorySegment content) {
        int prefix = number(parts[at], 0, StageFrame.EPOCH_FIELD_NUMBER, epoch);
        prefix = number(parts[at], prefix, StageFrame.STEP_FIELD_NUMBER, step);
        if (content.byteSize() > 0) {
            prefix = varint(parts[at], prefix, field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
            prefix = varint(parts[at], prefix, content.byteSize());
        }
        partBytes[at] = prefix;
        parts[at + 1] = content;
        partBytes[at + 1] = content.byteSize();
        remaining = Math.toIntExact(remaining + prefix + content.byteSize());
    }

    private static int number(MemorySegment target, int at, int field, long value) {
        return value == 0 ? at : varint(target, varint(target, at, field << 3 | WireFormat.WIRETYPE_VARINT), value);
    }

    private static int varint(MemorySegment target, int at, long value) {
        int next = at;
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            target.set(ValueLayout.JAVA_BYTE, next++, (byte) (rest | 0x80));
            rest >>>= 7;
        }
        target.set(ValueLayout.JAVA_BYTE, next++, (byte) rest);
        return next;
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
            int count = (int) Math.min(length - copied, partBytes[part] - offset);
            MemorySegment.copy(parts[part], ValueLayout.JAVA_BYTE, offset, target, start + copied, count);
            copied += count;
            offset += count;
            remaining -= count;
            if (offset == partBytes[part]) {
                part++;
                offset = 0;
            }
        }
        return copied;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        int total = remaining;
        while (remaining > 0) {
            target.write(chunk, 0, read(chunk, 0, chunk.length));
        }
        return total;
    }
}
