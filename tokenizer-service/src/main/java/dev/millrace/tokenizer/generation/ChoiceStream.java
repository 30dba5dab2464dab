package dev.millrace.tokenizer.generation;

import com.google.protobuf.ByteString;
import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.GenerationFinished;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.TokenLogprob;
import dev.millrace.tokenizer.model.TextModel;
import dev.millrace.tokenizer.pipeline.SequenceListener;
import dev.millrace.tokenizer.text.StreamedText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One choice: its sequence's tokens become text and events. Used on the service loop only.
final class ChoiceStream implements SequenceListener {
    /// The call that the choice belongs to.
    interface Owner {
        void accepted();

        void delta(int choice, String text, List<GeneratedToken> tokens);

        /// The choice is over; `stillRunning` when a stop string ended it and its sequence has to be cancelled.
        void finished(GenerationFinished event, boolean stillRunning);

        void failed(RequestRefusal refusal);
    }

    private static final Logger LOG = LoggerFactory.getLogger(ChoiceStream.class);

    private final int choice;
    private final TextModel model;
    private final Set<Integer> endTokenIds;
    private final StreamedText text;
    private final Owner owner;
    private final ArrayDeque<GeneratedToken> uncertain = new ArrayDeque<>();
    private int completionTokens;
    private boolean over;

    ChoiceStream(int choice, TextModel model, PreparedRequest request, Owner owner) {
        this.choice = choice;
        this.model = model;
        this.owner = owner;
        endTokenIds = request.endTokenIds();
        text = new StreamedText(model.decoder(), request.stops());
    }

    @Override
    public void accepted() {
        owner.accepted();
    }

    @Override
    public void token(int index, int tokenId, @Nullable TokenLogprob logprob) {
        if (!over) {
            guarded(() -> take(index, tokenId, logprob));
        }
    }

    @Override
    public void finished(FinishReason reason, int cachedPromptTokens) {
        if (!over) {
            guarded(() -> end(reason, cachedPromptTokens));
        }
    }

    @Override
    public void refused(RefusalReason reason, String message) {
        owner.failed(
                switch (reason) {
                    case REFUSAL_REASON_QUEUE_FULL -> RequestRefusal.queueFull(message);
                    case REFUSAL_REASON_TOO_LONG -> RequestRefusal.contextLengthExceeded("", message);
                    default -> RequestRefusal.invalid("", message);
                });
    }

    @Override
    public void lost(String message) {
        owner.failed(RequestRefusal.noPipeline(message));
    }

    /// A mistake in one choice's text must not reach the other sequences of the same report.
    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.error("A choice could not be turned into text", e);
            over = true;
            owner.failed(RequestRefusal.internal());
        }
    }

    private void take(int index, int tokenId, @Nullable TokenLogprob logprob) {
        completionTokens++;
        if (endTokenIds.contains(tokenId)) {
            return;
        }
        uncertain.add(generated(index, tokenId, logprob));
        StreamedText.Progress progress = text.add(tokenId);
        deliver(progress);
        if (progress.stopped()) {
            finish(FinishReason.FINISH_REASON_STOP, 0, true);
        }
    }

    private void end(FinishReason reason, int cachedPromptTokens) {
        StreamedText.Progress progress = text.finish();
        deliver(progress);
        finish(progress.stopped() ? FinishReason.FINISH_REASON_STOP : reason, cachedPromptTokens, false);
    }

    private void deliver(StreamedText.Progress progress) {
        List<GeneratedToken> tokens = new ArrayList<>(progress.tokens());
        for (int i = 0; i < progress.tokens(); i++) {
            tokens.add(uncertain.removeFirst());
        }
        owner.delta(choice, progress.text(), tokens);
    }

    private void finish(FinishReason reason, int cachedPromptTokens, boolean stillRunning) {
        over = true;
        uncertain.clear();
        owner.finished(
                GenerationFinished.newBuilder()
                        .setChoice(choice)
                        .setReason(reason)
                        .setCompletionTokens(completionTokens)
                        .setCachedPromptTokens(cachedPromptTokens)
                        .build(),
                stillRunning);
    }

    private GeneratedToken generated(int index, int tokenId, @Nullable TokenLogprob logprob) {
        GeneratedToken.Builder token =
                GeneratedToken.newBuilder().setId(tokenId).setIndex(index).setBytes(bytes(tokenId));
        if (logprob != null) {
            token.setLogprob(logprob);
            for (int id : logprob.getTopTokenIdsList()) {
                token.addTopTokenBytes(bytes(id));
            }
        }
        return token.build();
    }

    private ByteString bytes(int tokenId) {
        return ByteString.copyFrom(model.piece(tokenId));
    }
}
