package dev.millrace.worker.step;

/// What a step may refer to at the most; a packed step from another process is checked against it before use.
///
/// @param maxTokens tokens of a step
/// @param maxSequences sequences of a step
/// @param contextLength tokens of a sequence
/// @param kvBlocks KV blocks of the stage
/// @param vocabularySize token ids of the model
/// @param kvType how KV blocks keep their values
public record StepLimits(
        int maxTokens, int maxSequences, int contextLength, int kvBlocks, int vocabularySize, KvType kvType) {

    /// With KV blocks of the usual type.
    public StepLimits(int maxTokens, int maxSequences, int contextLength, int kvBlocks, int vocabularySize) {
        this(maxTokens, maxSequences, contextLength, kvBlocks, vocabularySize, KvType.F16);
    }
}
