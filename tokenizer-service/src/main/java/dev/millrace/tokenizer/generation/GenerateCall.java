package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.GenerationFinished;
import dev.millrace.proto.v1.GenerationStarted;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.tokenizer.loop.ServiceLoop;
import dev.millrace.tokenizer.model.TextModel;
import dev.millrace.tokenizer.pipeline.PipelineRouter;
import dev.millrace.tokenizer.pipeline.RunningSequence;
import io.grpc.stub.CallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One `Generate` call from its prepared request to its end; used on the service loop only.
///
/// A call is closed exactly once: after its last event, by a refusal, or because the gateway went away. Closing it
/// cancels whatever still runs for it.
final class GenerateCall implements ChoiceStream.Owner {
    /// A gateway that lets more output wait is cut off.
    static final int MAXIMUM_WAITING_BYTES = 1 << 20;

    private final CallStreamObserver<EncodedEvent> stream;
    private final ServiceLoop loop;
    private final PipelineRouter router;
    private final TextModel model;
    private final Consumer<GenerateCall> onClosed;
    private final List<RunningSequence> sequences = new ArrayList<>();
    private final Runnable queuedDrain = this::drainNow;
    private @Nullable EventOutbox outbox;
    private int promptTokens;
    private int missingAcceptances;
    private boolean drainQueued;
    private boolean closed;

    /// `onClosed` runs once, on the loop.
    GenerateCall(
            CallStreamObserver<EncodedEvent> stream,
            ServiceLoop loop,
            PipelineRouter router,
            TextModel model,
            Consumer<GenerateCall> onClosed) {
        this.stream = stream;
        this.loop = loop;
        this.router = router;
        this.model = model;
        this.onClosed = onClosed;
    }

    void begin(PreparedRequest request) {
        if (closed) {
            return;
        }
        if (!router.available()) {
            failed(RequestRefusal.noPipeline("No pipeline serves the model at the moment."));
            return;
        }
        outbox = new EventOutbox(stream, request.orders().size());
        promptTokens = request.promptTokens();
        missingAcceptances = request.orders().size();
        for (SubmittedSequence order : request.orders()) {
            ChoiceStream choice = new ChoiceStream(sequences.size(), model, request, this);
            sequences.add(router.submit(order, choice));
        }
    }

    /// The gateway is gone.
    void cancelled() {
        if (!closed) {
            close();
        }
    }

    /// The gateway's stream takes more.
    void writable() {
        drain();
    }

    @Override
    public void accepted() {
        missingAcceptances--;
        if (missingAcceptances == 0 && outbox != null) {
            outbox.start(
                    GenerationStarted.newBuilder().setPromptTokens(promptTokens).build());
            queueDrain();
        }
    }

    @Override
    public void delta(int choice, String text, TokenQueue tokens, int count) {
        if (closed || outbox == null) {
            return;
        }
        outbox.delta(choice, text, tokens, count);
        queueDrain();
    }

    @Override
    public void finished(GenerationFinished event, boolean stillRunning) {
        if (closed || outbox == null) {
            return;
        }
        if (stillRunning) {
            sequences.get(event.getChoice()).cancel();
        }
        outbox.finish(event.getChoice(), event);
        queueDrain();
    }

    @Override
    public void failed(RequestRefusal refusal) {
        if (!closed) {
            close();
            stream.onError(refusal.toStatus());
        }
    }

    private void close() {
        closed = true;
        sequences.forEach(RunningSequence::cancel);
        onClosed.accept(this);
    }

    /// Sending waits behind the reports that are in the loop already: under load their tokens share a message.
    private void queueDrain() {
        if (!drainQueued) {
            drainQueued = true;
            loop.execute(queuedDrain);
        }
    }

    private void drainNow() {
        drainQueued = false;
        drain();
    }

    private void drain() {
        if (closed || outbox == null) {
            return;
        }
        if (outbox.drain()) {
            close();
            stream.onCompleted();
        } else if (outbox.waitingBytes() > MAXIMUM_WAITING_BYTES) {
            failed(RequestRefusal.slowReader("More than " + MAXIMUM_WAITING_BYTES
                    + " bytes of output were waiting because they were not read."));
        }
    }
}
