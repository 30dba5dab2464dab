package dev.millrace.worker.grpc.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.millrace.proto.v1.LinkHello;
import dev.millrace.proto.v1.LinkReply;
import dev.millrace.proto.v1.SharedRows;
import dev.millrace.proto.v1.StageFrame;
import dev.millrace.proto.v1.StageLinkGrpc;
import dev.millrace.worker.grpc.transport.Transport;
import dev.millrace.worker.ring.OutgoingRing;
import dev.millrace.worker.ring.RingShape;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.HeldRows;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Rows in memory that both ends of a link have.
@EnabledOnOs(OS.LINUX)
class SharedRowsTest {

    private static final LinkContract CONTRACT = new LinkContract(100, "digest", 0, 1, 2);
    private static final StepLimits STEP_LIMITS = new StepLimits(64, 4, 128, 16, 100);
    private static final FrameLimits FRAMES = FrameLimits.of(STEP_LIMITS, Frames.HIDDEN_SIZE);
    private static final RingShape SHAPE = new RingShape(3, STEP_LIMITS.maxTokens(), Frames.HIDDEN_SIZE);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final StageLinkService service = new StageLinkService();
    private final RecordedEvents inbound = new RecordedEvents();
    private final RecordedEvents outbound = new RecordedEvents();
    private final BlockingQueue<Step> received = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Activations own = new Activations(STEP_LIMITS.maxTokens(), Frames.HIDDEN_SIZE);
    private int port;

    /// What came of a step: a copy of its rows, or the rows themselves.
    private record Step(
            byte[] packed, byte[] copied, @Nullable HeldRows held) {

        byte[] rows(int tokens) {
            return held == null ? copied : Frames.bytes(held.rows().rows(tokens));
        }

        void release() {
            if (held != null) {
                held.release();
            }
        }
    }

    private final class Receiver implements FrameReceiver {

        @Override
        public void received(MemorySegment packed, MemorySegment activations) {
            received.add(new Step(Frames.bytes(packed), Frames.bytes(activations), null));
        }

        @Override
        public void received(MemorySegment packed, HeldRows activations) {
            received.add(new Step(Frames.bytes(packed), new byte[0], activations));
        }
    }

    @BeforeEach
    void serve() throws IOException {
        Server server = Transport.server(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), (int) FRAMES.frameBytes())
                .addService(service)
                .build()
                .start();
        port = server.getPort();
        open.add(server::shutdownNow);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        timer.shutdownNow();
    }

    private void expect(Optional<RingShape> shape) {
        InboundLink link = new InboundLink(LinkKind.FORWARD, CONTRACT, FRAMES, shape, inbound);
        service.expect(CONTRACT.epoch(), List.of(link));
        open.add(link);
        link.open(new Receiver());
    }

    private OutboundLink dial(Optional<RingShape> shape) throws InterruptedException {
        OutboundLink link = new OutboundLink(
                LinkKind.FORWARD, "127.0.0.1:" + port, CONTRACT, 0, shape, Duration.ofSeconds(20), timer, outbound);
        open.add(link);
        link.dial();
        assertThat(outbound.next()).isEqualTo("linked");
        return link;
    }

    /// Puts rows that tell the step to where the link says, and sends it.
    ///
    /// @return whether they lie in shared memory
    private boolean send(OutboundLink link, long step, int tokens) {
        Activations rows = link.place(own);
        rows.rows(tokens).copyFrom(Frames.activations(tokens, step).rows(tokens));
        StepInput input = Frames.step(100, step, tokens);
        link.forward(input, rows);
        input.bytes().fill((byte) -1);
        own.rows(STEP_LIMITS.maxTokens()).fill((byte) -1);
        return rows != own;
    }

    private Step arrived() throws InterruptedException {
        return Objects.requireNonNull(received.poll(20, TimeUnit.SECONDS));
    }

    private static void assertIs(Step arrived, long step, int tokens) {
        assertThat(arrived.packed())
                .isEqualTo(Frames.bytes(Frames.step(100, step, tokens).bytes()));
        assertThat(arrived.rows(tokens))
                .isEqualTo(Frames.bytes(Frames.activations(tokens, step).rows(tokens)));
    }

    @Test
    void rows_lie_in_memory_of_both_ends() throws Exception {
        expect(Optional.of(SHAPE));
        OutboundLink link = dial(Optional.of(SHAPE));
        for (int step = 1; step <= 200; step++) {
            int tokens = 1 + step % 64;
            assertThat(send(link, step, tokens)).isTrue();
            Step arrived = arrived();
            assertThat(arrived.held()).isNotNull();
            assertIs(arrived, step, tokens);
            arrived.release();
        }
    }

    /// The reading end holds up to five steps, the ring has room for three, and both go on all the time.
    @Test
    void rows_that_are_still_read_are_never_overwritten() throws Exception {
        expect(Optional.of(SHAPE));
        OutboundLink link = dial(Optional.of(SHAPE));
        Random random = new Random(3);
        Deque<Step> held = new ArrayDeque<>();
        long sent = 0;
        long read = 0;
        int shared = 0;
        while (read < 3000) {
            while (sent < read + 1 + random.nextInt(5)) {
                sent++;
                shared += send(link, sent, tokens(sent)) ? 1 : 0;
            }
            for (int i = random.nextInt(1 + (int) (sent - read - held.size())); i > 0; i--) {
                held.addLast(arrived());
            }
            if (!held.isEmpty()) {
                read++;
                Step oldest = held.removeFirst();
                assertIs(oldest, read, tokens(read));
                oldest.release();
            }
        }
        assertThat(shared).isBetween(1000, (int) sent - 100);
        assertThat(outbound.isEmpty()).isTrue();
    }

    private static int tokens(long step) {
        return 1 + (int) (step % 64);
    }

    @Test
    void an_end_that_shares_nothing_gets_rows_in_messages() throws Exception {
        expect(Optional.empty());
        OutboundLink link = dial(Optional.of(SHAPE));
        assertThat(send(link, 1, 64)).isFalse();
        assertIs(arrived(), 1, 64);
    }

    @Test
    void an_end_that_offers_nothing_sends_rows_in_messages() throws Exception {
        expect(Optional.of(SHAPE));
        OutboundLink link = dial(Optional.empty());
        assertThat(send(link, 1, 64)).isFalse();
        assertIs(arrived(), 1, 64);
    }

    @Test
    void ends_of_different_shapes_share_nothing() throws Exception {
        expect(Optional.of(SHAPE));
        OutboundLink link = dial(Optional.of(new RingShape(4, 64, Frames.HIDDEN_SIZE)));
        assertThat(send(link, 1, 64)).isFalse();
        assertIs(arrived(), 1, 64);
    }

    /// A call by the generated stub: what is answered, and how it ends.
    private final class Caller implements StreamObserver<LinkReply> {

        final CompletableFuture<LinkReply> reply = new CompletableFuture<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();
        final StreamObserver<StageFrame> frames;

        Caller(Optional<SharedRows> offer) {
            ManagedChannel channel = Transport.channel("127.0.0.1:" + port);
            open.add(channel::shutdownNow);
            frames = StageLinkGrpc.newStub(channel).forward(this);
            LinkHello.Builder hello = CONTRACT.hello(0).toBuilder();
            offer.ifPresent(hello::setSharedRows);
            frames.onNext(StageFrame.newBuilder().setHello(hello).build());
        }

        @Override
        public void onNext(LinkReply next) {
            reply.complete(next);
        }

        @Override
        public void onError(Throwable error) {
            end.complete(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        void step(long step, int slot) {
            frames.onNext(frame(step, slot).build());
        }

        void assertEnds(String because) throws Exception {
            Status status = end.get(20, TimeUnit.SECONDS);
            assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(status.getDescription()).contains(because);
        }
    }

    private static StageFrame.Builder frame(long step, int slot) {
        return StageFrame.newBuilder()
                .setEpoch(100)
                .setStep(step)
                .setSlot(slot)
                .setInput(ByteString.copyFrom(
                        Frames.bytes(Frames.step(100, step, 2).bytes())));
    }

    private OutgoingRing ring() throws Exception {
        OutgoingRing ring = OutgoingRing.create(SHAPE);
        open.add(ring);
        return ring;
    }

    @Test
    void an_offer_that_is_not_what_it_says_is_not_taken_and_the_link_works() throws Exception {
        SharedRows good = RingMessages.message(ring().offer());
        List<SharedRows> offers = List.of(
                SharedRows.getDefaultInstance(),
                good.toBuilder().setBootId("other").build(),
                good.toBuilder().setProcess(-1).build(),
                good.toBuilder().setFileDescriptor(-1).build(),
                good.toBuilder().setFileDescriptor(0).build(),
                good.toBuilder().setBytes(good.getBytes() + 4096).build(),
                good.toBuilder().setNonceLow(good.getNonceLow() + 1).build());
        for (SharedRows offer : offers) {
            expect(Optional.of(SHAPE));
            Caller caller = new Caller(Optional.of(offer));
            LinkReply reply = caller.reply.get(20, TimeUnit.SECONDS);
            assertThat(reply.getAccepted()).isTrue();
            assertThat(reply.getSharesRows()).isFalse();
            caller.frames.onNext(frame(1, 0)
                    .setActivations(ByteString.copyFrom(
                            Frames.bytes(Frames.activations(2, 1).rows(2))))
                    .build());
            assertIs(arrived(), 1, 2);
        }
        expect(Optional.of(SHAPE));
        assertThat(new Caller(Optional.of(good)).reply.get(20, TimeUnit.SECONDS).getSharesRows())
                .isTrue();
    }

    @Test
    void a_slot_where_nothing_is_shared_ends_the_stream() throws Exception {
        expect(Optional.of(SHAPE));
        Caller caller = new Caller(Optional.empty());
        caller.step(1, 1);
        caller.assertEnds("no memory is shared");
    }

    @Test
    void slots_that_are_not_there_or_still_read_end_the_stream() throws Exception {
        for (int slot : new int[] {4, Integer.MAX_VALUE, -1}) {
            expect(Optional.of(SHAPE));
            Caller caller = new Caller(Optional.of(RingMessages.message(ring().offer())));
            caller.step(1, slot);
            caller.assertEnds("there are 3");
        }
        expect(Optional.of(SHAPE));
        Caller twice = new Caller(Optional.of(RingMessages.message(ring().offer())));
        twice.step(1, 2);
        twice.step(2, 2);
        twice.assertEnds("where step 1 is still read");
    }

    @Test
    void rows_in_a_slot_and_in_the_frame_end_the_stream() throws Exception {
        expect(Optional.of(SHAPE));
        Caller caller = new Caller(Optional.of(RingMessages.message(ring().offer())));
        caller.frames.onNext(
                frame(1, 1).setActivations(ByteString.copyFrom(new byte[8])).build());
        caller.assertEnds("names a slot, too");
    }
}
