package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepLimits;

/// Device memory of sampling, by addresses.
///
/// @param ids `[sequences] i32`, what was sampled last at each place
/// @param adjusted `[samples, V] f32`, logits after penalties and biases
/// @param results of a step: `[N]` choices of 8 bytes, an id and its log probability, then `[N, 20]` listed
///     tokens alike
record SampleRoom(long ids, long adjusted, long results) {

    /// Of a chosen or listed token.
    static final int CHOICE_BYTES = Integer.BYTES + Float.BYTES;

    static long idBytes(StepLimits limits) {
        return (long) Integer.BYTES * limits.maxSequences();
    }

    static long adjustedBytes(StepLimits limits) {
        return (long) Float.BYTES * limits.maxSequences() * limits.vocabularySize();
    }

    /// Of the results of that many samples.
    static long resultBytes(int samples, boolean listed) {
        return (long) CHOICE_BYTES * samples * (listed ? 1 + SamplingParameters.MAX_TOP_LOGPROBS : 1);
    }
}
