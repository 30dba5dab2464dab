package dev.millrace.worker.grpc.link;

import dev.millrace.proto.v1.LinkHello;
import dev.millrace.proto.v1.LinkReply;
import dev.millrace.worker.engine.StepRefusedException;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The accepting end of a link: one neighbour of one epoch is let in, after its hello and once this stage is
/// [#open]. Until then the neighbour is told by headers alone that it is known here and shall wait.
public final class InboundLink implements AutoCloseable {

    private final LinkKind kind;
    private final LinkContract contract;
    private final LinkEvents events;
    private final FrameDecoder decoder;

    private final Object lock = new Object();
    private @Nullable ServerCall<InputStream, LinkReply> call;
    private @Nullable FrameReceiver receiver;
    private boolean closed;
    private long nextStep = 1;

    /// Expects a neighbour that says what `contract` says.
    public InboundLink(LinkKind kind, LinkContract contract, FrameLimits limits, LinkEvents events) {
        this.kind = kind;
        this.contract = contract;
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
            caller.sendHeaders(new Metadata());
            if (receiver == null) {
                return Optional.empty();
            }
            accept(caller);
        }
        events.linked();
        return Optional.empty();
    }

    private static void accept(ServerCall<InputStream, LinkReply> caller) {
        caller.sendMessage(LinkReply.newBuilder().setAccepted(true).build());
        // Each frame is handled on the thread that reads the connection: none is read ahead of the one before.
        caller.request(Integer.MAX_VALUE);
    }

    /// Takes a message after the hello.
    void frame(InputStream message) {
        FrameReceiver target;
        synchronized (lock) {
            if (closed || call == null || receiver == null) {
                return;
            }
            target = receiver;
        }
        try {
            decoder.decode(message);
            deliver(target);
        } catch (FrameException e) {
            refuse(e.status());
        } catch (StepRefusedException e) {
            refuse(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
        }
    }

    private void deliver(FrameReceiver target) throws FrameException {
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
                : decoder.input().byteSize() + decoder.activations().byteSize() > 0;
        if (stray) {
            throw new FrameException("a frame has fields of the other kind of link");
        }
        target.received(kind == LinkKind.FORWARD ? decoder.input() : decoder.output(), decoder.activations());
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
            if (call != null) {
                call.close(status, new Metadata());
            }
            return true;
        }
    }
}
