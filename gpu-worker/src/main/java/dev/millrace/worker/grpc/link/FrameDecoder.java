package dev.millrace.worker.grpc.link;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.millrace.proto.v1.LinkHello;
import dev.millrace.proto.v1.StageFrame;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Takes a `StageFrame` apart without making an object of it: its bytes go from gRPC's buffers to off-heap buffers that
/// are used again for the next frame. Stricter than protobuf asks for: a field comes once, and a field that is not
/// known
/// is a mistake.
final class FrameDecoder {

    private static final long MAX_HELLO_BYTES = 1024;

    private final FrameLimits limits;
    private final FrameReader reader = new FrameReader();
    private final FrameField input = new FrameField();
    private final FrameField activations = new FrameField();
    private final FrameField output = new FrameField();
    private Optional<LinkHello> hello = Optional.empty();
    private int seenFields;
    private long epoch;
    private long step;
    private long slot;

    FrameDecoder(FrameLimits limits) {
        this.limits = limits;
    }

    /// Reads one message.
    ///
    /// @throws FrameException when the message is not a frame within the limits
    void decode(InputStream message) throws FrameException {
        hello = Optional.empty();
        seenFields = 0;
        epoch = 0;
        step = 0;
        slot = 0;
        input.clear();
        activations.clear();
        output.clear();
        try {
            reader.open(message);
            for (int first = reader.next(); first >= 0; first = reader.next()) {
                field(first);
            }
        } catch (EOFException e) {
            throw new FrameException("the frame is cut off");
        } catch (IOException e) {
            throw new FrameException("the frame cannot be read: " + e.getMessage());
        }
    }

    private void field(int tag) throws IOException, FrameException {
        int number = WireFormat.getTagFieldNumber(tag);
        if (tag >= 0x80 || number < StageFrame.HELLO_FIELD_NUMBER || number > StageFrame.SLOT_FIELD_NUMBER) {
            throw new FrameException("a frame has no field like the one that starts with byte " + tag);
        }
        if ((seenFields & 1 << number) != 0) {
            throw new FrameException("field " + number + " comes twice in a frame");
        }
        seenFields |= 1 << number;
        boolean isNumber = number == StageFrame.EPOCH_FIELD_NUMBER
                || number == StageFrame.STEP_FIELD_NUMBER
                || number == StageFrame.SLOT_FIELD_NUMBER;
        int wanted = isNumber ? WireFormat.WIRETYPE_VARINT : WireFormat.WIRETYPE_LENGTH_DELIMITED;
        if (WireFormat.getTagWireType(tag) != wanted) {
            throw new FrameException("field " + number + " of a frame has wire type " + WireFormat.getTagWireType(tag));
        }
        long value = reader.varint();
        switch (number) {
            case StageFrame.EPOCH_FIELD_NUMBER -> epoch = value;
            case StageFrame.STEP_FIELD_NUMBER -> step = value;
            case StageFrame.SLOT_FIELD_NUMBER -> slot = value;
            case StageFrame.HELLO_FIELD_NUMBER -> hello = Optional.of(hello(value));
            case StageFrame.INPUT_FIELD_NUMBER -> content(input, number, value, limits.inputBytes());
            case StageFrame.ACTIVATIONS_FIELD_NUMBER -> content(activations, number, value, limits.activationBytes());
            default -> content(output, number, value, limits.outputBytes());
        }
    }

    private void content(FrameField field, int number, long length, long limit) throws IOException, FrameException {
        field.read(reader, length(number, length, limit), limit);
    }

    private LinkHello hello(long length) throws IOException, FrameException {
        byte[] bytes = new byte[(int) length(StageFrame.HELLO_FIELD_NUMBER, length, MAX_HELLO_BYTES)];
        reader.copy(MemorySegment.ofArray(bytes), bytes.length);
        try {
            return LinkHello.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new FrameException("the hello cannot be read: " + e.getMessage());
        }
    }

    private static long length(int number, long length, long limit) throws FrameException {
        if (length < 0 || length > limit) {
            throw new FrameException("field " + number + " of a frame has " + Long.toUnsignedString(length)
                    + " bytes, at most " + limit + " are allowed here");
        }
        return length;
    }

    /// The hello of the frame read last.
    Optional<LinkHello> hello() {
        return hello;
    }

    boolean hasContent() {
        return (seenFields & ~(1 << StageFrame.HELLO_FIELD_NUMBER)) != 0;
    }

    long epoch() {
        return epoch;
    }

    long step() {
        return step;
    }

    /// In which slot of shared memory the activations lie, from 1 as the sender says; 0 when they do not.
    long slot() {
        return slot;
    }

    /// The packed step; valid until the next frame.
    MemorySegment input() {
        return input.content();
    }

    /// The activations; valid until the next frame.
    MemorySegment activations() {
        return activations.content();
    }

    /// The packed tokens; valid until the next frame.
    MemorySegment output() {
        return output.content();
    }
}
