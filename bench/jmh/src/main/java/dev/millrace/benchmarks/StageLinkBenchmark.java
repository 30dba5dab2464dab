package dev.millrace.benchmarks;

import dev.millrace.worker.grpc.link.FrameLimits;
import dev.millrace.worker.grpc.link.FrameReceiver;
import dev.millrace.worker.grpc.link.InboundLink;
import dev.millrace.worker.grpc.link.LinkContract;
import dev.millrace.worker.grpc.link.LinkEvents;
import dev.millrace.worker.grpc.link.LinkKind;
import dev.millrace.worker.grpc.link.OutboundLink;
import dev.millrace.worker.grpc.link.StageLinkService;
import dev.millrace.worker.grpc.transport.Transport;
import dev.millrace.worker.ring.RingShape;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.HeldRows;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepOutput;
import io.grpc.Server;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// A step's activations from where one stage computed them to where the next one computes with them, and its tokens
/// back, over loopback connections of two workers.
public class StageLinkBenchmark extends Measured {

    private static final LinkContract THERE = new LinkContract(1, "digest", 0, 1, 2);
    private static final LinkContract BACK = new LinkContract(1, "digest", 1, 0, 4);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Param({"1", "8", "64", "512"})
    public int tokens;

    @Param("2048")
    public int hidden;

    /// Whether activations lie in memory of both workers or go in messages.
    @Param({"ring", "grpc"})
    public String handOver;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicLong returned = new AtomicLong();
    private final CountDownLatch linked = new CountDownLatch(4);
    private final StepInputBuilder builder = new StepInputBuilder();
    private final StepInput input = new StepInput(4096);
    private Server server;
    private OutboundLink there;
    private OutboundLink back;
    private MemorySegment computed;
    private MemorySegment next;
    private Activations own;
    private StepOutput output;
    private long step;
    private volatile Thread waiting;

    @Setup(Level.Trial)
    public void link() throws IOException, InterruptedException {
        FrameLimits limits = FrameLimits.of(Steps.limits(1, tokens, tokens, 32_000), hidden);
        computed = new Activations(tokens, hidden).rows(tokens);
        next = new Activations(tokens, hidden).rows(tokens);
        own = new Activations(tokens, hidden);
        output = new StepOutput(1);
        Optional<RingShape> ring =
                handOver.equals("ring") ? Optional.of(new RingShape(3, tokens, hidden)) : Optional.empty();
        InboundLink forward = new InboundLink(LinkKind.FORWARD, THERE, limits, ring, new Linked());
        InboundLink tokensBack = new InboundLink(LinkKind.RETURN, BACK, limits, Optional.empty(), new Linked());
        StageLinkService service = new StageLinkService();
        service.expect(1, List.of(forward, tokensBack));
        server = Transport.server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), (int) limits.frameBytes())
                .addService(service)
                .build()
                .start();
        String address = "127.0.0.1:" + server.getPort();
        there = new OutboundLink(LinkKind.FORWARD, address, THERE, 0, ring, PATIENCE, timer, new Linked());
        back = new OutboundLink(LinkKind.RETURN, address, BACK, 2, Optional.empty(), PATIENCE, timer, new Linked());
        forward.open(new Next());
        tokensBack.open((packed, rows) -> {
            returned.incrementAndGet();
            LockSupport.unpark(waiting);
        });
        there.dial();
        back.dial();
        linked.await();
    }

    /// Does with rows what a stage does: keeps those of a message until they are needed, reads others where they are.
    private final class Next implements FrameReceiver {

        private final Activations kept = new Activations(tokens, hidden);

        @Override
        public void received(MemorySegment packed, MemorySegment activations) {
            kept.rows(tokens).copyFrom(activations);
            next.copyFrom(kept.rows(tokens));
            answer();
        }

        @Override
        public void received(MemorySegment packed, HeldRows activations) {
            next.copyFrom(activations.rows().rows(tokens));
            activations.release();
            answer();
        }
    }

    private void answer() {
        output.begin(1, step);
        output.add(1, 1, Float.NaN);
        back.output(output);
    }

    private final class Linked implements LinkEvents {

        @Override
        public void linked() {
            linked.countDown();
        }

        @Override
        public void failed(String reason) {
            throw new IllegalStateException(reason);
        }

        /// At the end each link sees the other end go.
        @Override
        public void lost(String reason) {}
    }

    @Benchmark
    public long roundTrip() {
        builder.clear();
        builder.sequence(new int[tokens], 0, tokens, new int[tokens / StepInput.BLOCK_TOKENS + 1]);
        builder.sample(1, 0, SamplingParameters.GREEDY);
        builder.build(1, ++step, input);
        Activations rows = there.place(own);
        rows.rows(tokens).copyFrom(computed);
        waiting = Thread.currentThread();
        there.forward(input, rows);
        while (returned.get() < step) {
            LockSupport.park(this);
        }
        return step;
    }

    @TearDown(Level.Trial)
    public void close() {
        there.close();
        back.close();
        server.shutdownNow();
        timer.shutdownNow();
    }
}
