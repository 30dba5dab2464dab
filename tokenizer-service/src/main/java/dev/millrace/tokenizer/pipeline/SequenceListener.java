package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.TokenLogprob;
import org.jspecify.annotations.Nullable;

/// What happens to one sequence, told on the service loop. After `finished`, `refused`, `lost` or a cancel nothing
/// follows.
public interface SequenceListener {
    /// Stage 0 queued it; told once, also when it moves to another epoch.
    void accepted();

    /// The next token of its output; each index from 0 comes once and in order, whatever pipelines it took.
    void token(int index, int tokenId, @Nullable TokenLogprob logprob);

    /// It ended by itself.
    void finished(FinishReason reason, int cachedPromptTokens);

    /// Stage 0 did not accept it.
    void refused(RefusalReason reason, String message);

    /// Its pipeline went away and no other could take it over in time, or the pipeline broke the contract.
    void lost(String message);
}
