package dev.millrace.worker.grpc.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.millrace.proto.v1.LinkHello;
import dev.millrace.proto.v1.StageFrame;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameCompatibilityTest {

    private static final FrameLimits LIMITS = new FrameLimits(1 << 20, 1 << 20, 1 << 20);

    @Test
    void a_step_for_the_next_stage_is_the_message_that_protobuf_would_write() throws IOException {
        for (long number : new long[] {1, 127, 128, 1_764_000_000_000L, Long.MAX_VALUE}) {
            StepInput input = Frames.step(number, number, 40);
            Activations activations = Frames.activations(40, 0.5f);
            byte[] written =
                    Frames.drained(new OutgoingFrame().forward(number, number, input.bytes(), activations.rows(40)));
            StageFrame expected = StageFrame.newBuilder()
                    .setEpoch(number)
                    .setStep(number)
                    .setInput(ByteString.copyFrom(Frames.bytes(input.bytes())))
                    .setActivations(ByteString.copyFrom(Frames.bytes(activations.rows(40))))
                    .build();
            assertThat(written).isEqualTo(expected.toByteArray());
        }
    }

    @Test
    void tokens_for_the_first_stage_are_the_message_that_protobuf_would_write() throws IOException {
        StepOutput output = Frames.output(5, 300, 42);
        StageFrame expected = StageFrame.newBuilder()
                .setEpoch(5)
                .setStep(300)
                .setOutput(ByteString.copyFrom(Frames.bytes(output.bytes())))
                .build();
        assertThat(Frames.drained(new OutgoingFrame().output(5, 300, output.bytes())))
                .isEqualTo(expected.toByteArray());
    }

    @Test
    void fields_without_content_are_left_out_as_protobuf_does() throws IOException {
        Activations none = new Activations(1, Frames.HIDDEN_SIZE);
        OutgoingFrame frame = new OutgoingFrame().forward(0, 0, none.rows(0), none.rows(0));
        assertThat(frame.available()).isZero();
        assertThat(Frames.drained(frame)).isEmpty();
    }

    @Test
    void reading_in_pieces_gives_the_same_bytes_as_draining() throws IOException {
        StepInput input = Frames.step(3, 4, 100);
        Activations activations = Frames.activations(100, 1f);
        byte[] drained = Frames.drained(new OutgoingFrame().forward(3, 4, input.bytes(), activations.rows(100)));
        OutgoingFrame frame = new OutgoingFrame().forward(3, 4, input.bytes(), activations.rows(100));
        assertThat(frame.available()).isEqualTo(drained.length);
        byte[] read = new byte[drained.length];
        int at = 0;
        read[at++] = (byte) frame.read();
        for (int wanted = 1; at < read.length; wanted = wanted % 97 + 1) {
            assertThat(frame.isSerialized()).isFalse();
            at += frame.read(read, at, Math.min(wanted, read.length - at));
        }
        assertThat(read).isEqualTo(drained);
        assertThat(frame.isSerialized()).isTrue();
        assertThat(frame.available()).isZero();
        assertThat(frame.read()).isEqualTo(-1);
        assertThat(frame.read(read, 0, 5)).isEqualTo(-1);
    }

    @Test
    void reads_whatever_protobuf_writes_in_any_order_of_fields() throws Exception {
        Random random = new Random(7);
        FrameDecoder decoder = new FrameDecoder(LIMITS);
        for (int round = 0; round < 300; round++) {
            StageFrame.Builder frame = StageFrame.newBuilder()
                    .setEpoch(random.nextLong() >>> random.nextInt(64))
                    .setStep(random.nextLong());
            byte[] input = new byte[random.nextInt(20_000)];
            byte[] activations = new byte[random.nextInt(20_000)];
            byte[] output = new byte[random.nextInt(300)];
            random.nextBytes(input);
            random.nextBytes(activations);
            random.nextBytes(output);
            frame.setInput(ByteString.copyFrom(input))
                    .setActivations(ByteString.copyFrom(activations))
                    .setOutput(ByteString.copyFrom(output));
            decoder.decode(
                    new ByteArrayInputStream(round % 2 == 0 ? frame.build().toByteArray() : reversed(frame.build())));
            assertThat(decoder.epoch()).isEqualTo(frame.getEpoch());
            assertThat(decoder.step()).isEqualTo(frame.getStep());
            assertThat(Frames.bytes(decoder.input())).isEqualTo(input);
            assertThat(Frames.bytes(decoder.activations())).isEqualTo(activations);
            assertThat(Frames.bytes(decoder.output())).isEqualTo(output);
            assertThat(decoder.hello()).isEmpty();
        }
    }

    /// The same message with its fields from last to first.
    private static byte[] reversed(StageFrame frame) throws IOException {
        StageFrame[] parts = {
            StageFrame.newBuilder().setOutput(frame.getOutput()).build(),
            StageFrame.newBuilder().setActivations(frame.getActivations()).build(),
            StageFrame.newBuilder().setInput(frame.getInput()).build(),
            StageFrame.newBuilder().setStep(frame.getStep()).build(),
            StageFrame.newBuilder().setEpoch(frame.getEpoch()).build()
        };
        ByteString.Output bytes = ByteString.newOutput();
        for (StageFrame part : parts) {
            part.writeTo(bytes);
        }
        return bytes.toByteString().toByteArray();
    }

    @Test
    void a_hello_is_read_by_protobuf_and_by_the_decoder() throws Exception {
        LinkHello hello = new LinkContract(9, "abc", 0, 1, 14).hello(10);
        byte[] written = Frames.drained(new OutgoingFrame().hello(hello));
        assertThat(StageFrame.parseFrom(written).getHello()).isEqualTo(hello);
        FrameDecoder decoder = new FrameDecoder(LIMITS);
        decoder.decode(new ByteArrayInputStream(written));
        assertThat(decoder.hello()).contains(hello);
        assertThat(decoder.hasContent()).isFalse();
        assertThat(hello.getLayerCount()).isEqualTo(4);
    }
}
