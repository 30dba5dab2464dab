package dev.millrace.worker.sample;

import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepOutput;

/// A chosen token, with log probabilities where they are asked for. Reused from step to step.
public final class SampledToken {

    final int[] topIds = new int[SamplingParameters.MAX_TOP_LOGPROBS];
    final float[] topLogprobs = new float[SamplingParameters.MAX_TOP_LOGPROBS];
    int tokenId;
    float logprob;
    int listed;

    /// Makes it that token, without log probabilities.
    public void choose(int id) {
        tokenId = id;
        logprob = Float.NaN;
        listed = 0;
    }

    /// The token's id.
    public int tokenId() {
        return tokenId;
    }

    /// Adds the token to `output`, for the sequence with that handle.
    public void addTo(StepOutput output, long sequenceHandle) {
        output.add(sequenceHandle, tokenId, logprob);
        if (listed > 0) {
            output.top(topIds, topLogprobs, listed);
        }
    }
}
