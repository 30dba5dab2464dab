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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One choice: its sequence's tokens become text and events. Used on the service loop only.
final class ChoiceStream implements SequenceListener {
    /// The call that the choice belongs to.
    interface Owner {
        void accepted();

        /// Takes text that became certain, and with it the first `count` of `tokens`.
        void delta(int choice, String text, TokenQueue tokens, int count);

        /// The choice is over; `stillRunning` when a stop string ended it and its sequence has to be cancelled.
        void finished(GenerationFinished event, boolean stillRunning);

        void failed(RequestRefusal refusal);
    }

    private static final Logger LOG = LoggerFactory.getLogger(ChoiceStream.class);

    private final int choice;
    private final TextModel model;
    private final int[] endTokenIds;
    private final StreamedText text;
    private final Owner owner;
    private final TokenQueue uncertain = new TokenQueue();
    private int completionTokens;
    private boolean over;

    ChoiceStream(int choice, TextModel model, PreparedRequest request, Owner owner) {
        this.choice = choice;
        this.model = model;
        this.owner = owner;
        endTokenIds = request.endTokenIds().stream().mapToInt(Integer::intValue).toArray();
        text = new StreamedText(model.decoder(), request.stops());
    }

    @Override
    public void accepted() {
        owner.accepted();
    }

    @Override
    public void token(int index, int tokenId, @Nullable TokenLogprob logprob) {
        if (!over) {
            try {
                take(index, tokenId, logprob);
            } catch (RuntimeException e) {
                broken(e);
            }
        }
    }

    @Override
    public void finished(FinishReason reason, int cachedPromptTokens) {
        if (!over) {
            try {
                end(reason, cachedPromptTokens);
            } catch (RuntimeException e) {
                broken(e);
            }
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
    private void broken(RuntimeException mistake) {
        LOG.error("A choice could not be turned into text", mistake);
        over = true;
        owner.failed(RequestRefusal.internal());
    }

    private void take(int index, int tokenId, @Nullable TokenLogprob logprob) {
        completionTokens++;
        if (endsTheChoice(tokenId)) {
            return;
        }
        uncertain.add(index, tokenId, logprob == null ? null : detail(tokenId, logprob));
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
        owner.delta(choice, progress.text(), uncertain, progress.tokens());
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

    /// A handful at the most; a set of boxed ids would cost an object a token.
    private boolean endsTheChoice(int tokenId) {
        for (int end : endTokenIds) {
            if (end == tokenId) {
                return true;
            }
        }
        return false;
    }

    private GeneratedToken detail(int tokenId, TokenLogprob logprob) {
        GeneratedToken.Builder token =
                GeneratedToken.newBuilder().setBytes(bytes(tokenId)).setLogprob(logprob);
        for (int id : logprob.getTopTokenIdsList()) {
            token.addTopTokenBytes(bytes(id));
        }
        return token.build();
    }

    private ByteString bytes(int tokenId) {
        return ByteString.copyFrom(model.piece(tokenId));
    }
}
