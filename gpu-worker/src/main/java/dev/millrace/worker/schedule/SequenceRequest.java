package dev.millrace.worker.schedule;

import dev.millrace.worker.step.SamplingParameters;

/// What a sequence is to compute. The arrays belong to the scheduler from then on.
///
/// @param tokenIds prompt, followed by output that an earlier pipeline generated already
/// @param generatedCount how many of `tokenIds` at the end are earlier output
/// @param maxTokens output tokens at the most, `generatedCount` included
/// @param endTokenIds tokens that end the sequence
/// @param sampling how tokens are chosen
/// @param biasTokenIds tokens whose logits are changed
/// @param biasValues what is added to the logit of each of `biasTokenIds`
@SuppressWarnings("ArrayRecordComponent") // Handed over once and never compared.
public record SequenceRequest(
        int[] tokenIds,
        int generatedCount,
        int maxTokens,
        int[] endTokenIds,
        SamplingParameters sampling,
        int[] biasTokenIds,
        float[] biasValues) {}
