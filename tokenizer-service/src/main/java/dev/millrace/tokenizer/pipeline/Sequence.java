package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.proto.v1.TokenLogprob;
import org.jspecify.annotations.Nullable;

/// One sequence over all epochs that it lives through.
final class Sequence {
    private final SubmittedSequence order;
    private final SequenceListener listener;
    private final boolean replayed;
    private final GeneratedTokens generated = new GeneratedTokens();
    private long sessionSequenceId;
    private boolean accepted;
    private long strandedNanos;
    private int strandedCount = -1;

    /// `order` holds everything but the id, which each session gives anew; its tokens are the prompt alone. One that is
    /// not `replayed` ends with its session.
    Sequence(SubmittedSequence order, SequenceListener listener, boolean replayed) {
        this.order = order;
        this.listener = listener;
        this.replayed = replayed;
    }

    boolean isReplayed() {
        return replayed;
    }

    SequenceListener listener() {
        return listener;
    }

    boolean wantsLogprobs() {
        return order.getSampling().getLogprobs();
    }

    boolean wasAccepted() {
        return accepted;
    }

    /// Its id in the session that it was last submitted to.
    long sessionSequenceId() {
        return sessionSequenceId;
    }

    /// What a session sends: the prompt, followed by the output so far.
    SubmittedSequence submission(long sequenceId) {
        sessionSequenceId = sequenceId;
        SubmittedSequence.Builder submission = order.toBuilder().setSequenceId(sequenceId);
        generated.appendTo(submission);
        return submission.build();
    }

    /// Notes that it has no pipeline; a second loss without a token in between does not begin a new wait.
    void strand(long nowNanos) {
        if (strandedCount != generated.count()) {
            strandedCount = generated.count();
            strandedNanos = nowNanos;
        }
    }

    /// Since when it has made no progress for want of a pipeline.
    long strandedNanos() {
        return strandedNanos;
    }

    void accept() {
        if (!accepted) {
            accepted = true;
            listener.accepted();
        }
    }

    /// Takes a token; one that came before a replay already is dropped. Returns false when tokens before it are
    /// missing.
    boolean token(int index, int id, @Nullable TokenLogprob logprob) {
        if (index > generated.count()) {
            return false;
        }
        if (index == generated.count()) {
            generated.add(id);
            listener.token(index, id, logprob);
        }
        return true;
    }

    void finish(FinishReason reason, int cachedTokens) {
        // After a replay the cache may have held earlier output, too.
        listener.finished(reason, Math.min(cachedTokens, order.getTokenIdsCount()));
    }

    /// Why nothing is left to generate when the pipeline was lost between the last token and the word that it was the
    /// last; null when there is.
    @Nullable
    FinishReason alreadyOver() {
        if (generated.count() == 0) {
            return null;
        }
        if (order.getEndTokenIdsList().contains(generated.last())) {
            return FinishReason.FINISH_REASON_STOP;
        }
        return generated.count() >= order.getMaxTokens() ? FinishReason.FINISH_REASON_LENGTH : null;
    }
}
