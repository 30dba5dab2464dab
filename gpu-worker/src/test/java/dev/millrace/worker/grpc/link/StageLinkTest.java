package dev.millrace.worker.grpc.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.millrace.proto.v1.LinkReply;
import dev.millrace.proto.v1.StageFrame;
import dev.millrace.proto.v1.StageLinkGrpc;
import dev.millrace.worker.grpc.transport.Transport;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.step.StepOutput;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StageLinkTest {

    private static final LinkContract CONTRACT = new LinkContract(100, "digest", 0, 1, 2);
    private static final LinkContract BACK = new LinkContract(100, "digest", 1, 0, 4);
    private static final StepLimits STEP_LIMITS = new StepLimits(64, 4, 128, 16, 100);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final StageLinkService service = new StageLinkService();
    private final RecordedEvents inbound = new RecordedEvents();
    private final RecordedEvents outbound = new RecordedEvents();
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private int port;

    private record Received(ByteBuffer packed, ByteBuffer activations) {}

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        timer.shutdownNow();
    }

    private void serve(int wantedPort) throws IOException {
        FrameLimits limits = FrameLimits.of(STEP_LIMITS, Frames.HIDDEN_SIZE);
        Server server = Transport.server(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), wantedPort), (int) limits.frameBytes())
                .addService(service)
                .build()
                .start();
        port = server.getPort();
        open.add(server::shutdownNow);
    }

    private InboundLink expect(LinkKind kind, LinkContract contract) {
        InboundLink link = new InboundLink(
                kind, contract, FrameLimits.of(STEP_LIMITS, Frames.HIDDEN_SIZE), Optional.empty(), inbound);
        service.expect(contract.epoch(), List.of(link));
        open.add(link);
        return link;
    }

    private void take(MemorySegment packed, MemorySegment activations) {
        received.add(received(Frames.bytes(packed), Frames.bytes(activations)));
    }

    private static Received received(byte[] packed, byte[] activations) {
        return new Received(ByteBuffer.wrap(packed), ByteBuffer.wrap(activations));
    }

    private OutboundLink dial(LinkKind kind, LinkContract contract, Duration within) {
        OutboundLink link = new OutboundLink(
                kind,
                "127.0.0.1:" + port,
                contract,
                contract.endLayer() - 2,
                Optional.empty(),
                within,
                timer,
                outbound);
        open.add(link);
        link.dial();
        return link;
    }

    @Test
    void steps_arrive_as_they_were_sent_and_buffers_may_change_at_once() throws Exception {
        serve(0);
        expect(LinkKind.FORWARD, CONTRACT).open(this::take);
        OutboundLink link = dial(LinkKind.FORWARD, CONTRACT, Duration.ofSeconds(20));
        assertThat(outbound.next()).isEqualTo("linked");
        assertThat(inbound.next()).isEqualTo("linked");
        Activations activations = new Activations(64, Frames.HIDDEN_SIZE);
        for (int step = 1; step <= 200; step++) {
            int tokens = 1 + step % 64;
            StepInput input = Frames.step(100, step, tokens);
            MemorySegment rows = activations.rows(tokens);
            rows.copyFrom(Frames.activations(tokens, step).rows(tokens));
            byte[] packed = Frames.bytes(input.bytes());
            byte[] sent = Frames.bytes(rows);
            link.forward(input, activations);
            activations.rows(64).fill((byte) -1);
            input.bytes().fill((byte) -1);
            Received arrived = received.poll(20, TimeUnit.SECONDS);
            assertThat(arrived).isEqualTo(received(packed, sent));
        }
    }

    @Test
    void tokens_come_back_on_a_return_link() throws Exception {
        serve(0);
        expect(LinkKind.RETURN, BACK).open(this::take);
        OutboundLink link = dial(LinkKind.RETURN, BACK, Duration.ofSeconds(20));
        assertThat(outbound.next()).isEqualTo("linked");
        StepOutput output = Frames.output(100, 1, 42);
        link.output(output);
        Received arrived = received.poll(20, TimeUnit.SECONDS);
        assertThat(arrived).isEqualTo(received(Frames.bytes(output.bytes()), new byte[0]));
    }

    @Test
    void a_caller_waits_until_the_stage_is_there_and_open() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        dial(LinkKind.FORWARD, CONTRACT, Duration.ofSeconds(60));
        serve(port);
        Thread.sleep(300);
        InboundLink link = expect(LinkKind.FORWARD, CONTRACT);
        Thread.sleep(300);
        assertThat(outbound.isEmpty()).isTrue();
        link.open(this::take);
        assertThat(outbound.next()).isEqualTo("linked");
        assertThat(inbound.next()).isEqualTo("linked");
    }

    @Test
    void a_caller_gives_up_when_nobody_answers() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        dial(LinkKind.FORWARD, CONTRACT, Duration.ofMillis(500));
        assertThat(outbound.next()).startsWith("failed: the link to the next stage at 127.0.0.1:" + port);
    }

    @Test
    void a_known_caller_may_wait_longer_than_for_a_first_answer() throws Exception {
        serve(0);
        InboundLink link = expect(LinkKind.FORWARD, CONTRACT);
        dial(LinkKind.FORWARD, CONTRACT, Duration.ofSeconds(2));
        Thread.sleep(2500);
        assertThat(outbound.isEmpty()).isTrue();
        link.open(this::take);
        assertThat(outbound.next()).isEqualTo("linked");
    }

    @Test
    void ends_that_do_not_agree_say_what_differs() throws Exception {
        serve(0);
        expect(LinkKind.FORWARD, CONTRACT).open(this::take);
        assertRefused(new LinkContract(99, "digest", 0, 1, 2), "epoch is 99, expected here is 100");
        assertRefused(new LinkContract(100, "other", 0, 1, 2), "model digest is other, expected here is digest");
        assertRefused(new LinkContract(100, "digest", 1, 1, 2), "stage is 1, expected here is 0");
        assertRefused(new LinkContract(100, "digest", 0, 2, 2), "wanted stage is 2, expected here is 1");
        assertRefused(new LinkContract(100, "digest", 0, 1, 3), "layer after its last one is 3, expected here is 2");
        assertThat(inbound.isEmpty()).isTrue();
    }

    private void assertRefused(LinkContract contract, String because) throws InterruptedException {
        dial(LinkKind.FORWARD, contract, Duration.ofSeconds(20));
        assertThat(outbound.next()).startsWith("failed: ").contains(because);
    }

    @Test
    void a_caller_learns_that_the_epoch_has_ended() throws Exception {
        serve(0);
        service.expect(100, List.of());
        dial(LinkKind.FORWARD, CONTRACT, Duration.ofSeconds(20));
        assertThat(outbound.next()).startsWith("lost: ").contains("epoch 100 has ended here");
    }

    @Test
    void a_second_caller_is_refused() throws Exception {
        serve(0);
        expect(LinkKind.FORWARD, CONTRACT).open(this::take);
        dial(LinkKind.FORWARD, CONTRACT, Duration.ofSeconds(20));
        assertThat(outbound.next()).isEqualTo("linked");
        assertRefused(CONTRACT, "linked already");
        assertThat(inbound.next()).isEqualTo("linked");
        assertThat(inbound.isEmpty()).isTrue();
    }

    @Test
    void the_calling_end_learns_that_the_accepting_end_has_gone() throws Exception {
        serve(0);
        InboundLink link = expect(LinkKind.FORWARD, CONTRACT);
        link.open(this::take);
        OutboundLink caller = dial(LinkKind.FORWARD, CONTRACT, Duration.ofSeconds(20));
        assertThat(outbound.next()).isEqualTo("linked");
        link.close();
        assertThat(outbound.next()).startsWith("lost: ").contains("is closed");
        caller.forward(Frames.step(100, 1, 1), Frames.activations(1, 0));
        assertThat(inbound.next()).isEqualTo("linked");
        assertThat(inbound.isEmpty()).isTrue();
    }

    @Test
    void the_accepting_end_learns_that_the_calling_end_has_gone() throws Exception {
        serve(0);
        expect(LinkKind.FORWARD, CONTRACT).open(this::take);
        OutboundLink caller = dial(LinkKind.FORWARD, CONTRACT, Duration.ofSeconds(20));
        assertThat(outbound.next()).isEqualTo("linked");
        assertThat(inbound.next()).isEqualTo("linked");
        caller.close();
        assertThat(inbound.next()).isEqualTo("lost: the link from stage 0 broke");
        assertThat(outbound.isEmpty()).isTrue();
    }

    /// Sends a good hello with the generated stub, then what comes.
    private CompletableFuture<Status> afterHello(StageFrame... frames) throws Exception {
        expect(LinkKind.FORWARD, CONTRACT).open(this::take);
        return call(StageFrame.newBuilder().setHello(CONTRACT.hello(0)).build(), frames);
    }

    private CompletableFuture<Status> call(StageFrame first, StageFrame... frames) {
        ManagedChannel channel = Transport.channel("127.0.0.1:" + port);
        open.add(channel::shutdownNow);
        Answer answer = new Answer();
        StreamObserver<StageFrame> call = StageLinkGrpc.newStub(channel).forward(answer);
        call.onNext(first);
        for (StageFrame frame : frames) {
            call.onNext(frame);
        }
        return answer.end;
    }

    private static final class Answer implements StreamObserver<LinkReply> {
        final CompletableFuture<Status> end = new CompletableFuture<>();

        @Override
        public void onNext(LinkReply reply) {}

        @Override
        public void onError(Throwable error) {
            end.complete(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }
    }

    private static StageFrame.Builder stepFrame(long epoch, long step) {
        return StageFrame.newBuilder()
                .setEpoch(epoch)
                .setStep(step)
                .setInput(ByteString.copyFrom(
                        Frames.bytes(Frames.step(epoch, step, 2).bytes())))
                .setActivations(ByteString.copyFrom(
                        Frames.bytes(Frames.activations(2, 0).rows(2))));
    }

    private static void assertEnds(CompletableFuture<Status> end, Status.Code code, String because) throws Exception {
        Status status = end.get(20, TimeUnit.SECONDS);
        assertThat(status.getCode()).isEqualTo(code);
        assertThat(status.getDescription()).contains(because);
    }

    @Test
    void frames_that_protobuf_wrote_are_taken() throws Exception {
        serve(0);
        var ignored = afterHello(stepFrame(100, 1).build(), stepFrame(100, 2).build());
        byte[] activations = Frames.bytes(Frames.activations(2, 0).rows(2));
        for (int step = 1; step <= 2; step++) {
            byte[] packed = Frames.bytes(Frames.step(100, step, 2).bytes());
            assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo(received(packed, activations));
        }
    }

    @Test
    void a_frame_of_another_epoch_ends_the_stream() throws Exception {
        serve(0);
        assertEnds(afterHello(stepFrame(99, 1).build()), Status.Code.FAILED_PRECONDITION, "of epoch 99");
        assertThat(inbound.next()).isEqualTo("linked");
        assertThat(inbound.next()).startsWith("lost: ").contains("of epoch 99");
        assertThat(received).isEmpty();
    }

    @Test
    void a_gap_between_steps_ends_the_stream() throws Exception {
        serve(0);
        assertEnds(
                afterHello(stepFrame(100, 1).build(), stepFrame(100, 3).build()),
                Status.Code.INVALID_ARGUMENT,
                "step 3 came where step 2 is due");
    }

    @Test
    void a_second_hello_or_fields_of_the_other_direction_end_the_stream() throws Exception {
        serve(0);
        assertEnds(
                afterHello(stepFrame(100, 1).setHello(CONTRACT.hello(0)).build()),
                Status.Code.INVALID_ARGUMENT,
                "hello comes once");
        assertEnds(
                afterHello(stepFrame(100, 1)
                        .setOutput(ByteString.copyFromUtf8("abcd"))
                        .build()),
                Status.Code.INVALID_ARGUMENT,
                "other kind of link");
    }

    @Test
    void a_stream_has_to_begin_with_a_hello() throws Exception {
        serve(0);
        expect(LinkKind.FORWARD, CONTRACT).open(this::take);
        assertEnds(call(stepFrame(100, 1).build()), Status.Code.INVALID_ARGUMENT, "at most 0 are allowed");
        assertEnds(call(StageFrame.getDefaultInstance()), Status.Code.INVALID_ARGUMENT, "has to be a hello");
        assertThat(inbound.isEmpty()).isTrue();
    }

    @Test
    void more_activations_than_a_step_can_have_end_the_stream() throws Exception {
        serve(0);
        StageFrame tooLong = stepFrame(100, 1)
                .setActivations(ByteString.copyFrom(new byte[65 * 4 * Frames.HIDDEN_SIZE]))
                .build();
        assertEnds(afterHello(tooLong), Status.Code.INVALID_ARGUMENT, "at most 2048 are allowed");
    }

    @Test
    void a_message_larger_than_any_frame_ends_the_stream() throws Exception {
        serve(0);
        StageFrame tooLong = stepFrame(100, 1)
                .setInput(ByteString.copyFrom(new byte[1 << 20]))
                .build();
        assertThat(afterHello(tooLong).get(20, TimeUnit.SECONDS).getCode())
                .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
        assertThat(inbound.next()).isEqualTo("linked");
        assertThat(inbound.next()).startsWith("lost: ");
    }

    @Test
    void bytes_that_are_no_message_end_the_stream() throws Exception {
        serve(0);
        expect(LinkKind.FORWARD, CONTRACT).open(this::take);
        ManagedChannel channel = Transport.channel("127.0.0.1:" + port);
        open.add(channel::shutdownNow);
        Answer answer = new Answer();
        MethodDescriptor<byte[], LinkReply> raw = StageLinkGrpc.getForwardMethod().toBuilder(
                        new RawBytes(), StageLinkGrpc.getForwardMethod().getResponseMarshaller())
                .build();
        StreamObserver<byte[]> call =
                ClientCalls.asyncBidiStreamingCall(channel.newCall(raw, CallOptions.DEFAULT), answer);
        call.onNext(StageFrame.newBuilder().setHello(CONTRACT.hello(0)).build().toByteArray());
        call.onNext(new byte[] {(byte) 0xff, 1, 2, 3});
        assertEnds(answer.end, Status.Code.INVALID_ARGUMENT, "no field like");
    }

    private static final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void a_compressed_stream_is_not_taken() throws Exception {
        serve(0);
        expect(LinkKind.FORWARD, CONTRACT).open(this::take);
        ManagedChannel channel = Transport.channel("127.0.0.1:" + port);
        open.add(channel::shutdownNow);
        Answer answer = new Answer();
        StageLinkGrpc.newStub(channel)
                .withCompression("gzip")
                .forward(answer)
                .onNext(StageFrame.newBuilder().setHello(CONTRACT.hello(0)).build());
        assertThat(answer.end.get(20, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    }
}
