package dev.millrace.worker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.step.StepOutput;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes down what a sequence is told.
final class Recorder implements SequenceEvents {

    final SequenceRequest request;
    final Sequence sequence;
    final List<Integer> tokens = new ArrayList<>();

    @Nullable
    FinishReason reason;

    int cachedPromptTokens;

    Recorder(SequenceRequest request) {
        this.request = request;
        sequence = new Sequence(request, this);
    }

    @Override
    public void token(int index, StepOutput output, int n) {
        assertThat(reason).isNull();
        assertThat(index).isEqualTo(request.generatedCount() + tokens.size());
        tokens.add(output.tokenId(n));
    }

    @Override
    public void finished(FinishReason finishReason, int cachedTokens) {
        assertThat(reason).isNull();
        reason = finishReason;
        cachedPromptTokens = cachedTokens;
    }
}
