package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.GenerationDelta;
import dev.millrace.proto.v1.GenerationFinished;
import dev.millrace.proto.v1.GenerationStarted;
import io.grpc.stub.CallStreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Events on their way to a gateway. While its stream takes no more, new text of a choice joins what waits already, so
/// that under load a message carries several tokens; used on the service loop only.
final class EventOutbox {
    /// What waits for one choice.
    private static final class Slot {
        private final StringBuilder text = new StringBuilder();
        private List<GeneratedToken> tokens = new ArrayList<>();
        private @Nullable GenerationFinished finished;
        private boolean queued;
    }

    private final CallStreamObserver<GenerateEvent> stream;
    private final List<Slot> slots = new ArrayList<>();
    private final ArrayDeque<Integer> order = new ArrayDeque<>();
    private @Nullable GenerationStarted started;
    private boolean open;
    private int unfinished;
    private int waitingBytes;

    EventOutbox(CallStreamObserver<GenerateEvent> stream, int choices) {
        this.stream = stream;
        for (int choice = 0; choice < choices; choice++) {
            slots.add(new Slot());
        }
        unfinished = choices;
    }

    /// The first event; deltas wait for it.
    void start(GenerationStarted event) {
        started = event;
        open = true;
    }

    void delta(int choice, String text, List<GeneratedToken> tokens) {
        if (text.isEmpty() && tokens.isEmpty()) {
            return;
        }
        Slot slot = slots.get(choice);
        slot.text.append(text);
        slot.tokens.addAll(tokens);
        waitingBytes += text.length();
        for (GeneratedToken token : tokens) {
            waitingBytes += token.getSerializedSize();
        }
        queue(choice);
    }

    void finish(int choice, GenerationFinished event) {
        slots.get(choice).finished = event;
        queue(choice);
    }

    /// What waits, in bytes as far as they depend on the output.
    int waitingBytes() {
        return waitingBytes;
    }

    /// Sends as much as the stream takes; returns true once the end of the last choice was sent.
    boolean drain() {
        if (!open) {
            return false;
        }
        if (started != null && stream.isReady()) {
            stream.onNext(GenerateEvent.newBuilder().setStarted(started).build());
            started = null;
        }
        while (started == null && !order.isEmpty() && stream.isReady()) {
            send(order.removeFirst());
        }
        return unfinished == 0 && order.isEmpty();
    }

    private void queue(int choice) {
        Slot slot = slots.get(choice);
        if (!slot.queued) {
            slot.queued = true;
            order.addLast(choice);
        }
    }

    private void send(int choice) {
        Slot slot = slots.get(choice);
        slot.queued = false;
        if (!slot.text.isEmpty() || !slot.tokens.isEmpty()) {
            stream.onNext(GenerateEvent.newBuilder()
                    .setDelta(GenerationDelta.newBuilder()
                            .setChoice(choice)
                            .setText(slot.text.toString())
                            .addAllTokens(slot.tokens))
                    .build());
            forget(slot);
        }
        if (slot.finished != null) {
            stream.onNext(GenerateEvent.newBuilder().setFinished(slot.finished).build());
            slot.finished = null;
            unfinished--;
        }
    }

    private void forget(Slot slot) {
        waitingBytes -= slot.text.length();
        for (GeneratedToken token : slot.tokens) {
            waitingBytes -= token.getSerializedSize();
        }
        slot.text.setLength(0);
        slot.tokens = new ArrayList<>();
    }
}
