package dev.millrace.worker.grpc.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.millrace.proto.v1.LinkHello;
import dev.millrace.proto.v1.StageFrame;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HostileFrameTest {

    private static final FrameLimits LIMITS = new FrameLimits(1000, 2000, 500);

    private final FrameDecoder decoder = new FrameDecoder(LIMITS);

    @FunctionalInterface
    private interface Writing {
        void to(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Writing writing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        writing.to(out);
        out.flush();
        return bytes.toByteArray();
    }

    private void assertRefused(byte[] message, String because) {
        assertThatThrownBy(() -> decoder.decode(new ByteArrayInputStream(message)))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining(because);
    }

    @Test
    void a_frame_cut_off_anywhere_within_a_field_is_refused() {
        byte[] whole = StageFrame.newBuilder()
                .setInput(ByteString.copyFrom(new byte[300]))
                .build()
                .toByteArray();
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = new byte[length];
            System.arraycopy(whole, 0, cut, 0, length);
            assertRefused(cut, "cut off");
        }
    }

    @Test
    void lengths_beyond_the_limits_are_refused_before_memory_is_taken() throws IOException {
        for (long length : new long[] {1001, Integer.MAX_VALUE, 0xffff_ffffL, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            byte[] huge = message(out -> {
                out.writeTag(StageFrame.INPUT_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt64NoTag(length);
            });
            assertRefused(huge, "at most 1000 are allowed");
        }
        assertRefused(message(out -> out.writeByteArray(5, new byte[2001])), "at most 2000 are allowed");
        assertRefused(message(out -> out.writeByteArray(6, new byte[501])), "at most 500 are allowed");
        assertRefused(message(out -> out.writeByteArray(1, new byte[2000])), "at most 1024 are allowed");
    }

    @Test
    void a_field_that_comes_twice_is_refused() throws IOException {
        for (int field = 4; field <= 6; field++) {
            int number = field;
            assertRefused(
                    message(out -> {
                        out.writeByteArray(number, new byte[3]);
                        out.writeByteArray(number, new byte[3]);
                    }),
                    "comes twice");
        }
        assertRefused(
                message(out -> {
                    out.writeUInt64(2, 1);
                    out.writeUInt64(2, 1);
                }),
                "comes twice");
    }

    @Test
    void unknown_fields_and_wrong_wire_types_are_refused() throws IOException {
        assertRefused(message(out -> out.writeUInt64(8, 1)), "no field like");
        assertRefused(message(out -> out.writeUInt64(5000, 1)), "no field like");
        assertRefused(new byte[] {0}, "no field like");
        assertRefused(message(out -> out.writeUInt64(4, 1)), "wire type 0");
        assertRefused(message(out -> out.writeFixed64(2, 1)), "wire type 1");
        assertRefused(message(out -> out.writeFixed32(3, 1)), "wire type 5");
        assertRefused(message(out -> out.writeTag(5, WireFormat.WIRETYPE_START_GROUP)), "wire type 3");
    }

    @Test
    void a_number_of_more_than_64_bits_is_refused() {
        byte[] bytes = {0x10, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2};
        assertRefused(bytes, "64 bits");
        byte[] endless = {0x10, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
        assertRefused(endless, "64 bits");
    }

    @Test
    void a_hello_that_is_no_hello_is_refused() throws IOException {
        assertRefused(message(out -> out.writeByteArray(1, new byte[] {8, -1})), "hello");
    }

    @Test
    void random_damage_gives_a_frame_or_a_refusal_and_nothing_else() throws IOException {
        Random random = new Random(11);
        byte[] whole = StageFrame.newBuilder()
                .setHello(LinkHello.newBuilder().setEpoch(4).setModelDigest("abc"))
                .setEpoch(1234567)
                .setStep(99)
                .setInput(ByteString.copyFrom(new byte[200]))
                .setActivations(ByteString.copyFrom(new byte[300]))
                .setOutput(ByteString.copyFrom(new byte[20]))
                .build()
                .toByteArray();
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = whole.clone();
            for (int i = 0; i <= random.nextInt(4); i++) {
                damaged[random.nextInt(round % 2 == 0 ? 40 : damaged.length)] = (byte) random.nextInt();
            }
            try {
                decoder.decode(new ByteArrayInputStream(damaged, 0, 1 + random.nextInt(damaged.length)));
            } catch (FrameException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }
}
