package dev.millrace.worker.engine;

import dev.millrace.worker.schedule.FinishReason;
import dev.millrace.worker.schedule.Sequence;
import dev.millrace.worker.schedule.SequenceEvents;
import dev.millrace.worker.step.StepOutput;

/// Ties a sequence of the scheduler to the client that sent it.
final class ClientSequence implements SequenceEvents {

    private final ClientConnection client;
    private final long sequenceId;
    private final boolean wantsLogprobs;
    private final Sequence sequence;

    ClientSequence(ClientConnection client, Submission submission) {
        this.client = client;
        sequenceId = submission.sequenceId();
        wantsLogprobs = submission.request().sampling().topLogprobs() >= 0;
        sequence = new Sequence(submission.request(), this);
    }

    Sequence sequence() {
        return sequence;
    }

    @Override
    public void token(int index, StepOutput output, int n) {
        client.pending().token(sequenceId, index, output, n, wantsLogprobs);
    }

    @Override
    public void finished(FinishReason reason, int cachedPromptTokens) {
        client.pending().finish(sequenceId, reason, cachedPromptTokens);
        client.forget(sequenceId);
    }
}
