package dev.millrace.tokenizer.generation;

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
        private final WaitingText text = new WaitingText();
        private final TokenQueue tokens = new TokenQueue();
        private int waitingBytes;
        private @Nullable GenerationFinished finished;
        private boolean queued;
    }

    private final CallStreamObserver<EncodedEvent> stream;
    private final List<Slot> slots = new ArrayList<>();
    private final ArrayDeque<Integer> order = new ArrayDeque<>();
    private @Nullable GenerationStarted started;
    private boolean open;
    private int unfinished;
    private int waitingBytes;

    EventOutbox(CallStreamObserver<EncodedEvent> stream, int choices) {
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

    /// Takes new text of a choice and the first `count` of `tokens`.
    void delta(int choice, String text, TokenQueue tokens, int count) {
        if (text.isEmpty() && count == 0) {
            return;
        }
        Slot slot = slots.get(choice);
        slot.text.append(text);
        tokens.moveTo(slot.tokens, count);
        measure(slot);
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
            stream.onNext(EncodedEvent.of(started));
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
            EncodedEvent delta = EncodedEvent.delta(choice, slot.text.take(), slot.tokens);
            slot.tokens.clear();
            measure(slot);
            stream.onNext(delta);
        }
        if (slot.finished != null) {
            stream.onNext(EncodedEvent.of(slot.finished));
            slot.finished = null;
            unfinished--;
        }
    }

    private void measure(Slot slot) {
        int bytes = slot.text.length() + slot.tokens.bytes();
        waitingBytes += bytes - slot.waitingBytes;
        slot.waitingBytes = bytes;
    }
}
