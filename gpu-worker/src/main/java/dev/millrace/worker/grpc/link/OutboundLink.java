package dev.millrace.worker.grpc.link;

import dev.millrace.proto.v1.LinkReply;
import dev.millrace.worker.grpc.transport.Reasons;
import dev.millrace.worker.grpc.transport.Transport;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The calling end of a link. It dials until the other end answers, since a neighbour may get its order later, and
/// gives up when nobody answers in time; a neighbour that knows the epoch but still loads answers with headers, and is
/// waited for. Sending copies everything before it returns, so buffers may be reused at once.
public final class OutboundLink implements AutoCloseable {

    private static final Duration RETRY_DELAY = Duration.ofMillis(200);

    private final LinkKind kind;
    private final String address;
    private final LinkContract contract;
    private final int firstLayer;
    private final LinkEvents events;
    private final ScheduledExecutorService timer;
    private final long giveUpNanos;

    /// Filled anew for each step; belongs to the thread that sends them.
    private OutgoingFrame frame = new OutgoingFrame();

    private final Object lock = new Object();
    private @Nullable Attempt attempt;
    private boolean linked;
    private boolean closed;

    /// Prepares a link to `address` (`host:port`); [#dial] starts it.
    ///
    /// @param firstLayer first layer of this stage's span, told in the hello
    /// @param answerWithin how long to try until the other end answers at all
    public OutboundLink(
            LinkKind kind,
            String address,
            LinkContract contract,
            int firstLayer,
            Duration answerWithin,
            ScheduledExecutorService timer,
            LinkEvents events) {
        this.kind = kind;
        this.address = address;
        this.contract = contract;
        this.firstLayer = firstLayer;
        this.events = events;
        this.timer = timer;
        giveUpNanos = System.nanoTime() + answerWithin.toNanos();
    }

    /// Starts dialling; the outcome is told to the events.
    public void dial() {
        synchronized (lock) {
            if (!closed) {
                attempt = new Attempt();
                attempt.start();
            }
        }
    }

    /// Hands a step over to the next stage. This and [#output] are called by one thread at a time.
    ///
    /// @return the bytes that were handed over, 0 when the link is not there any more
    public int forward(StepInput input, Activations activations) {
        return send(frame.forward(input.epoch(), input.step(), input.bytes(), activations.rows(input.tokenCount())));
    }

    /// Returns the tokens of a step to stage 0.
    ///
    /// @return the bytes that were handed over, 0 when the link is not there any more
    public int output(StepOutput output) {
        return send(frame.output(output.epoch(), output.step(), output.bytes()));
    }

    /// A frame is copied within `sendMessage` because the stream is established (the reply to the hello came over it)
    /// and retries are off. Should gRPC ever keep one for later, the link is cut before the buffers change.
    private int send(OutgoingFrame filled) {
        int bytes = filled.available();
        synchronized (lock) {
            if (closed || !linked || attempt == null) {
                return 0;
            }
            attempt.call.sendMessage(filled);
            if (!filled.isSerialized()) {
                frame = new OutgoingFrame();
                attempt.call.cancel("a frame was not sent at once", null);
                return 0;
            }
        }
        return bytes;
    }

    /// Ends the link without telling the events.
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
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
        }
        if (reply.getAccepted()) {
            events.linked();
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
        private boolean headersCame;

        void start() {
            call.start(this, new Metadata());
            call.request(2);
            call.sendMessage(new OutgoingFrame().hello(contract.hello(firstLayer)));
            long waitNanos = Math.max(0, giveUpNanos - System.nanoTime());
            var ignored = timer.schedule(this::giveUp, waitNanos, TimeUnit.NANOSECONDS);
        }

        private void giveUp() {
            synchronized (lock) {
                if (!headersCame) {
                    call.cancel("no answer", Status.DEADLINE_EXCEEDED.asRuntimeException());
                }
            }
        }

        @Override
        public void onHeaders(Metadata headers) {
            synchronized (lock) {
                headersCame = true;
            }
        }

        @Override
        public void onMessage(LinkReply reply) {
            answered(reply);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            ended(this, status);
        }
    }
}
