package dev.millrace.worker.grpc.link;

import dev.millrace.proto.v1.LinkHello;
import dev.millrace.proto.v1.LinkReply;
import dev.millrace.worker.engine.StepRefusedException;
import dev.millrace.worker.ring.IncomingRing;
import dev.millrace.worker.ring.NoRingException;
import dev.millrace.worker.ring.RingShape;
import dev.millrace.worker.step.HeldRows;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The accepting end of a link: one neighbour of one epoch is let in, after its hello and once this stage is
/// [#open]. Until then the neighbour is told by headers alone that it is known here and shall wait.
public final class InboundLink implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(InboundLink.class);

    private final LinkKind kind;
    private final LinkContract contract;
    private final Optional<RingShape> shared;
    private final LinkEvents events;
    private final FrameDecoder decoder;

    private final Object lock = new Object();
    private @Nullable ServerCall<InputStream, LinkReply> call;
    private LinkHello greeting = LinkHello.getDefaultInstance();
    private @Nullable IncomingRing ring;
    private @Nullable FrameReceiver receiver;
    private boolean closed;
    private long nextStep = 1;

    /// Expects a neighbour that says what `contract` says.
    ///
    /// @param shared what memory of the neighbour's is taken for rows, where any is
    public InboundLink(
            LinkKind kind, LinkContract contract, FrameLimits limits, Optional<RingShape> shared, LinkEvents events) {
        this.kind = kind;
        this.contract = contract;
        this.shared = shared;
        this.events = events;
        decoder = new FrameDecoder(limits);
    }

    LinkKind kind() {
        return kind;
    }

    /// Lets the neighbour in; its frames go to `target`.
    public void open(FrameReceiver target) {
        synchronized (lock) {
            receiver = target;
            if (call == null || closed) {
                return;
            }
            accept(call);
        }
        events.linked();
    }

    /// Ends the link without telling the events.
    @Override
    public void close() {
        end(Status.UNAVAILABLE.withDescription("the stage of epoch " + contract.epoch() + " is closed"));
    }

    /// Takes over a call whose hello was read.
    ///
    /// @return one sentence on why not, or nothing
    Optional<String> greet(LinkHello hello, ServerCall<InputStream, LinkReply> caller) {
        Optional<String> disagreement = contract.disagreement(hello);
        if (disagreement.isPresent()) {
            return disagreement;
        }
        synchronized (lock) {
            if (closed || call != null) {
                return Optional.of("stage " + contract.fromStage() + " of this epoch is linked already");
            }
            call = caller;
            greeting = hello;
            caller.sendHeaders(new Metadata());
            if (receiver == null) {
                return Optional.empty();
            }
            accept(caller);
        }
        events.linked();
        return Optional.empty();
    }

    private void accept(ServerCall<InputStream, LinkReply> caller) {
        ring = ring();
        caller.sendMessage(LinkReply.newBuilder()
                .setAccepted(true)
                .setSharesRows(ring != null)
                .build());
        // Each frame is handled on the thread that reads the connection: none is read ahead of the one before.
        caller.request(Integer.MAX_VALUE);
    }

    /// What the neighbour offers, where that is wanted and is what it says.
    private @Nullable IncomingRing ring() {
        if (shared.isEmpty() || !greeting.hasSharedRows()) {
            return null;
        }
        try {
            return IncomingRing.open(RingMessages.offer(greeting.getSharedRows()), shared.get());
        } catch (NoRingException e) {
            log.info(
                    "Rows of stage {} come in messages, not in shared memory: {}",
                    contract.fromStage(),
                    e.getMessage());
            return null;
        }
    }

    /// Takes a message after the hello.
    void frame(InputStream message) {
        FrameReceiver target;
        IncomingRing rows;
        synchronized (lock) {
            if (closed || call == null || receiver == null) {
                return;
            }
            target = receiver;
            rows = ring;
        }
        try {
            decoder.decode(message);
            deliver(target, rows);
        } catch (FrameException e) {
            refuse(e.status());
        } catch (StepRefusedException e) {
            refuse(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
        }
    }

    private void deliver(FrameReceiver target, @Nullable IncomingRing rows) throws FrameException {
        if (decoder.hello().isPresent()) {
            throw new FrameException("a hello comes once, as the first frame");
        }
        if (decoder.epoch() != contract.epoch()) {
            throw FrameException.wrongEpoch(decoder.epoch(), contract.epoch());
        }
        if (decoder.step() != nextStep) {
            throw new FrameException(
                    "step " + Long.toUnsignedString(decoder.step()) + " came where step " + nextStep + " is due");
        }
        nextStep++;
        boolean stray = kind == LinkKind.FORWARD
                ? decoder.output().byteSize() > 0
                : decoder.input().byteSize() + decoder.activations().byteSize() + decoder.slot() != 0;
        if (stray) {
            throw new FrameException("a frame has fields of the other kind of link");
        }
        if (decoder.slot() != 0) {
            target.received(decoder.input(), held(rows));
        } else {
            target.received(kind == LinkKind.FORWARD ? decoder.input() : decoder.output(), decoder.activations());
        }
    }

    private HeldRows held(@Nullable IncomingRing rows) throws FrameException {
        if (rows == null) {
            throw new FrameException("a frame names a slot, and no memory is shared");
        }
        if (decoder.activations().byteSize() > 0) {
            throw new FrameException("a frame has activations and names a slot, too");
        }
        try {
            return rows.hold(decoder.slot() - 1, decoder.step());
        } catch (IllegalArgumentException e) {
            throw new FrameException(String.valueOf(e.getMessage()));
        }
    }

    private void refuse(Status status) {
        if (end(status)) {
            events.lost("the link from stage " + contract.fromStage() + " was cut: " + status.getDescription());
        }
    }

    /// The calling end says that nothing follows.
    void halfClosed() {
        refuse(Status.CANCELLED.withDescription("the caller closed the link"));
    }

    /// The calling end went away. One that had to wait may come again.
    void gone() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            call = null;
            if (receiver == null) {
                return;
            }
            closed = true;
        }
        events.lost("the link from stage " + contract.fromStage() + " broke");
    }

    /// Closes the call with that status, once.
    private boolean end(Status status) {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            closed = true;
            ring = null;
            if (call != null) {
                call.close(status, new Metadata());
            }
            return true;
        }
    }
}
