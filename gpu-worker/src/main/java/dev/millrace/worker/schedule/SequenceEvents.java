package dev.millrace.worker.schedule;

import dev.millrace.worker.step.StepOutput;

/// Is told what becomes of one sequence.
public interface SequenceEvents {

    /// Sample `n` of `output` is the next token: number `index` of the sequence's output, from 0. An end token is told
    /// as
    /// well.
    void token(int index, StepOutput output, int n);

    /// The sequence ended by itself, after its last token.
    ///
    /// @param cachedPromptTokens tokens of the prompt whose KV blocks were found in the prefix cache
    void finished(FinishReason reason, int cachedPromptTokens);
}
