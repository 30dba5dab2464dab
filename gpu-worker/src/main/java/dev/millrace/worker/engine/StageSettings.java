package dev.millrace.worker.engine;

import dev.millrace.worker.schedule.SchedulerSettings;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;

/// One stage of one epoch of a pipeline, as the placement ordered it.
///
/// @param epoch higher than every earlier epoch of the pipeline
/// @param stage place in the pipeline, from 0
/// @param stageCount stages of the pipeline
/// @param contextLength tokens that a sequence may have
/// @param maxSequences sequences that run at the same time, at the most
/// @param kvBlocks KV blocks of [StepInput#BLOCK_TOKENS] tokens
/// @param batchTokens tokens of a step at the most
/// @param prefillChunkTokens tokens of one sequence's prompt in a step, at the most
/// @param maxWaiting sequences that wait, at the most
/// @param prefixCache false switches prefix reuse off
/// @param kvType how KV blocks keep their values
public record StageSettings(
        long epoch,
        int stage,
        int stageCount,
        int contextLength,
        int maxSequences,
        int kvBlocks,
        int batchTokens,
        int prefillChunkTokens,
        int maxWaiting,
        boolean prefixCache,
        KvType kvType) {

    /// @throws IllegalArgumentException when a value is out of range
    public StageSettings {
        require(stageCount >= 1, "stages", stageCount);
        require(stage >= 0 && stage < stageCount, "stage", stage);
        require(contextLength >= 2, "context length", contextLength);
        require(maxSequences >= 1, "sequences", maxSequences);
        require(kvBlocks >= 1 && kvBlocks <= Integer.MAX_VALUE / StepInput.BLOCK_TOKENS, "KV blocks", kvBlocks);
        require(batchTokens >= StepInput.BLOCK_TOKENS, "batch tokens", batchTokens);
        require(prefillChunkTokens >= 1, "prefill chunk tokens", prefillChunkTokens);
        require(maxWaiting >= 1, "waiting sequences", maxWaiting);
    }

    /// With KV blocks of the usual type.
    public StageSettings(
            long epoch,
            int stage,
            int stageCount,
            int contextLength,
            int maxSequences,
            int kvBlocks,
            int batchTokens,
            int prefillChunkTokens,
            int maxWaiting,
            boolean prefixCache) {
        this(
                epoch,
                stage,
                stageCount,
                contextLength,
                maxSequences,
                kvBlocks,
                batchTokens,
                prefillChunkTokens,
                maxWaiting,
                prefixCache,
                KvType.F16);
    }

    private static void require(boolean holds, String what, int found) {
        if (!holds) {
            throw new IllegalArgumentException("a stage cannot be set up with " + what + " = " + found);
        }
    }

    /// True for the stage that samples.
    public boolean isLast() {
        return stage == stageCount - 1;
    }

    /// Steps that are between the first stage's plan and the arrival of their tokens there, at the most. A stage alone
    /// on a device of depth 1 plans a step when the one before has given its tokens: at 64 sequences that takes about
    /// 25
    /// microseconds of milliseconds, less than a second group of sequences would cost in smaller batches. On one of
    /// depth 2 it plans while the device computes.
    ///
    /// @param depth steps that the device takes at a time
    int maxStepsInFlight(int depth) {
        return stageCount == 1 ? depth : stageCount + 1;
    }

    /// Steps whose rows may be on their way from one stage to the next at a time, or not be read there, at the most.
    public int maxStepsHandedOver() {
        return stageCount + 1;
    }

    /// Steps that a stage after the first keeps at most: those in flight, and one that is over for stage 0, so that the
    /// next one was sent, while it is still being handed over here.
    int maxStepsHeld() {
        return stageCount + 2;
    }

    /// What a step of this stage may refer to, for a model with that many token ids.
    public StepLimits limits(int vocabularySize) {
        return new StepLimits(batchTokens, maxSequences, contextLength, kvBlocks, vocabularySize, kvType);
    }

    SchedulerSettings scheduler(int vocabularySize, int depth) {
        return new SchedulerSettings(
                stageCount,
                maxStepsInFlight(depth),
                contextLength,
                vocabularySize,
                maxSequences,
                kvBlocks,
                batchTokens,
                prefillChunkTokens,
                maxWaiting,
                prefixCache);
    }
}
