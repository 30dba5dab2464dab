package dev.millrace.worker.grpc.link;

import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;

/// How many bytes the fields of a frame may have; a longer one is refused before memory is taken for it.
///
/// @param inputBytes of the packed step
/// @param activationBytes of the activations
/// @param outputBytes of the packed tokens
public record FrameLimits(long inputBytes, long activationBytes, long outputBytes) {

    private static final int HEADER_WORDS = 16;
    private static final int OUTPUT_RECORD_WORDS = 8;
    private static final long PREFIX_BYTES = 1024;

    /// What steps within `limits` take at the most, with `hiddenSize` values a token.
    public static FrameLimits of(StepLimits limits, int hiddenSize) {
        return new FrameLimits(
                4 * StepInput.mostWords(limits),
                4L * limits.maxTokens() * hiddenSize,
                4
                        * (HEADER_WORDS
                                + limits.maxSequences()
                                        * (OUTPUT_RECORD_WORDS + 2L * SamplingParameters.MAX_TOP_LOGPROBS)));
    }

    /// What a whole frame takes at the most, in bytes.
    public long frameBytes() {
        return PREFIX_BYTES + Math.max(inputBytes + activationBytes, outputBytes);
    }
}
