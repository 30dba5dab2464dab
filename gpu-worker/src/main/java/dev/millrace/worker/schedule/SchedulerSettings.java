package dev.millrace.worker.schedule;

import dev.millrace.worker.step.StepInput;

/// Bounds of the plan.
///
/// @param stageCount stages of the pipeline
/// @param maxStepsInFlight planned steps whose tokens have not come back, at the most; 1 or 2 for one stage
/// @param contextLength tokens that a sequence may have
/// @param vocabularySize token ids of the model
/// @param maxSequences sequences that run at the same time, at the most
/// @param kvBlocks KV blocks of the pipeline
/// @param batchTokens tokens of a step at the most
/// @param prefillChunkTokens tokens of one sequence's prompt in a step, at the most
/// @param maxWaiting sequences that wait, at the most
/// @param prefixCache false switches prefix reuse off
public record SchedulerSettings(
        int stageCount,
        int maxStepsInFlight,
        int contextLength,
        int vocabularySize,
        int maxSequences,
        int kvBlocks,
        int batchTokens,
        int prefillChunkTokens,
        int maxWaiting,
        boolean prefixCache) {

    /// Steps in flight that may sample the same sequence, at the most. Where one stage takes several steps at a time, a
    /// sequence goes on with the token that the step before is still sampling.
    int maxPending() {
        return stageCount == 1 ? maxStepsInFlight : 1;
    }

    /// Tokens that a sequence can really have: by the context and by all KV blocks together.
    int maxLength() {
        return (int) Math.min(contextLength, (long) kvBlocks * StepInput.BLOCK_TOKENS);
    }
}
