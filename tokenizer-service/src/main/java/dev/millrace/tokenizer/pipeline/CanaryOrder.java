package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.SamplingParameters;
import dev.millrace.proto.v1.SubmittedSequence;

/// The smallest sequence there is: one token in, one token out.
final class CanaryOrder {
    private CanaryOrder() {}

    static SubmittedSequence of(int tokenId) {
        return SubmittedSequence.newBuilder()
                .addTokenIds(tokenId)
                .setMaxTokens(1)
                .setSampling(SamplingParameters.newBuilder().setTopP(1).setRepeatPenalty(1))
                .build();
    }
}
