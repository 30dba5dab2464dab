package dev.millrace.worker.grpc.link;

import dev.millrace.proto.v1.LinkHello;
import dev.millrace.proto.v1.LinkReply;
import dev.millrace.worker.engine.Handover;
import dev.millrace.worker.grpc.transport.Reasons;
import dev.millrace.worker.grpc.transport.Transport;
import dev.millrace.worker.ring.NoRingException;
import dev.millrace.worker.ring.OutgoingRing;
import dev.millrace.worker.ring.RingShape;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The calling end of a link. It dials until the other end answers, since a neighbour may get its order later, and
/// gives up when nobody answers in time; a neighbour that knows the epoch but still loads answers with headers, and is
/// waited for. Sending copies everything before it returns, so buffers may be reused at once. Rows for a stage on the
/// same machine can be put where it reads them itself ([#place]): then only the packed step is sent.
public final class OutboundLink implements Handover, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(OutboundLink.class);

    private static final Duration RETRY_DELAY = Duration.ofMillis(200);

    private final LinkKind kind;
    private final String address;
    private final LinkContract contract;
    private final int firstLayer;
    private final Optional<RingShape> shared;
    private final LinkEvents events;
    private final ScheduledExecutorService timer;
    private final long giveUpNanos;

    /// Filled anew for each step; belongs to the thread that sends them.
    private OutgoingFrame frame = new OutgoingFrame();

    private final Object lock = new Object();
    private @Nullable Attempt attempt;
    /// Is offered with each hello, and gone for good once it is not taken.
    private @Nullable OutgoingRing offered;

    private boolean dialled;
    private boolean linked;
    private boolean closed;

    /// The ring that the other end has taken.
    private volatile @Nullable OutgoingRing taken;

    /// Prepares a link to `address` (`host:port`); [#dial] starts it.
    ///
    /// @param firstLayer first layer of this stage's span, told in the hello
    /// @param shared what memory for rows is offered to a stage on the same machine, where any is
    /// @param answerWithin how long to try until the other end answers at all
    public OutboundLink(
            LinkKind kind,
            String address,
            LinkContract contract,
            int firstLayer,
            Optional<RingShape> shared,
            Duration answerWithin,
            ScheduledExecutorService timer,
            LinkEvents events) {
        this.kind = kind;
        this.address = address;
        this.contract = contract;
        this.firstLayer = firstLayer;
        this.shared = shared;
        this.events = events;
        this.timer = timer;
        giveUpNanos = System.nanoTime() + answerWithin.toNanos();
    }

    /// Starts dialling; the outcome is told to the events.
    public void dial() {
        synchronized (lock) {
            if (!closed) {
                if (!dialled) {
                    dialled = true;
                    offered = shared.map(this::ring).orElse(null);
                }
                attempt = new Attempt();
                attempt.start(hello(offered));
            }
        }
    }

    private @Nullable OutgoingRing ring(RingShape shape) {
        try {
            return OutgoingRing.create(shape);
        } catch (NoRingException e) {
            log.info("Rows go to stage {} in messages, not in shared memory: {}", contract.toStage(), e.getMessage());
            return null;
        }
    }

    private LinkHello hello(@Nullable OutgoingRing ring) {
        LinkHello hello = contract.hello(firstLayer);
        return ring == null
                ? hello
                : hello.toBuilder()
                        .setSharedRows(RingMessages.message(ring.offer()))
                        .build();
    }

    /// A slot of the memory that both ends have, while there is a free one. This and what follows is called by one
    /// thread at a time.
    @Override
    public Activations place(Activations own) {
        OutgoingRing ring = taken;
        Activations slot = ring == null ? null : ring.place();
        return slot == null ? own : slot;
    }

    /// Hands a step over to the next stage; does nothing when the link is not there any more.
    @Override
    public void forward(StepInput input, Activations activations) {
        OutgoingRing ring = taken;
        int slot = ring == null ? OutgoingRing.NONE : ring.slotOf(activations);
        if (ring == null || slot == OutgoingRing.NONE) {
            send(frame.forward(input.epoch(), input.step(), input.bytes(), activations.rows(input.tokenCount())));
        } else {
            ring.given(slot, input.step());
            send(frame.forward(input.epoch(), input.step(), input.bytes(), slot));
        }
    }

    /// Returns the tokens of a step to stage 0; does nothing when the link is not there any more.
    public void output(StepOutput output) {
        send(frame.output(output.epoch(), output.step(), output.bytes()));
    }

    /// A frame is copied within `sendMessage` because the stream is established (the reply to the hello came over it)
    /// and retries are off. Should gRPC ever keep one for later, the link is cut before the buffers change.
    private void send(OutgoingFrame filled) {
        synchronized (lock) {
            if (closed || !linked || attempt == null) {
                return;
            }
            attempt.call.sendMessage(filled);
            if (!filled.isSerialized()) {
                frame = new OutgoingFrame();
                attempt.call.cancel("a frame was not sent at once", null);
            }
        }
    }

    /// Ends the link without telling the events.
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            taken = null;
            withdraw();
            if (attempt != null) {
                attempt.call.cancel("the stage is closed", null);
                attempt.channel.shutdownNow();
            }
        }
    }

    private void answered(LinkReply reply) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            linked = reply.getAccepted();
            taken = linked && reply.getSharesRows() ? offered : null;
            withdraw();
        }
        if (reply.getAccepted()) {
            events.linked();
        }
    }

    /// The other end has the memory, or does not take it.
    private void withdraw() {
        if (offered != null) {
            offered.close();
            offered = null;
        }
    }

    private void ended(Attempt ended, Status status) {
        boolean broke;
        boolean again;
        synchronized (lock) {
            ended.channel.shutdownNow();
            if (closed) {
                return;
            }
            broke = linked || status.getCode() == Status.Code.ABORTED;
            again = !broke
                    && status.getCode() != Status.Code.FAILED_PRECONDITION
                    && System.nanoTime() + RETRY_DELAY.toNanos() < giveUpNanos;
            linked = false;
            closed = !again;
            if (closed) {
                withdraw();
            }
        }
        String reason = kind.description() + " " + address + ": " + Reasons.of(status);
        if (again) {
            var ignored = timer.schedule(this::dial, RETRY_DELAY.toMillis(), TimeUnit.MILLISECONDS);
        } else if (broke) {
            events.lost(reason);
        } else {
            events.failed(reason);
        }
    }

    /// One call on a channel of its own, so that every attempt looks the address up again.
    private final class Attempt extends ClientCall.Listener<LinkReply> {

        private final ManagedChannel channel = Transport.channel(address);
        private final ClientCall<OutgoingFrame, LinkReply> call =
                channel.newCall(LinkMethods.dialing(kind), CallOptions.DEFAULT);
        private @Nullable Future<?> givingUp;

        void start(LinkHello hello) {
            call.start(this, new Metadata());
            call.request(2);
            call.sendMessage(new OutgoingFrame().hello(hello));
            long waitNanos = Math.max(0, giveUpNanos - System.nanoTime());
            givingUp = timer.schedule(this::giveUp, waitNanos, TimeUnit.NANOSECONDS);
        }

        private void giveUp() {
            call.cancel("no answer", Status.DEADLINE_EXCEEDED.asRuntimeException());
        }

        /// Also lets go of the link, which the timer would keep until then.
        private void keep() {
            synchronized (lock) {
                if (givingUp != null) {
                    givingUp.cancel(false);
                }
            }
        }

        @Override
        public void onHeaders(Metadata headers) {
            keep();
        }

        @Override
        public void onMessage(LinkReply reply) {
            answered(reply);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            keep();
            ended(this, status);
        }
    }
}
