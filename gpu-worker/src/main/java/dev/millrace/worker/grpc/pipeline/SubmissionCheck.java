package dev.millrace.worker.grpc.pipeline;

import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.worker.schedule.SequenceRequest;
import dev.millrace.worker.step.SamplingParameters;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/// Turns a submitted sequence into a request that the engine can trust. Whether it fits is for the scheduler to say.
record SubmissionCheck(int vocabularySize) {

    private static final int MAX_END_TOKENS = 1024;
    private static final float MAX_PENALTY = 1000f;

    /// @throws InvalidSequenceException when a field makes no sense
    SequenceRequest request(SubmittedSequence sequence) throws InvalidSequenceException {
        int tokens = sequence.getTokenIdsCount();
        int generated = sequence.getGeneratedCount();
        int maxTokens = sequence.getMaxTokens();
        require(tokens >= 1, "token_ids", "no ids", "at least one");
        require(generated >= 0 && generated < tokens, "generated_count", generated, "fewer than the token_ids");
        require(maxTokens > generated, "max_tokens", maxTokens, "more than generated_count, at most 2147483647");
        require(
                sequence.getEndTokenIdsCount() <= MAX_END_TOKENS,
                "end_token_ids",
                sequence.getEndTokenIdsCount() + " ids",
                MAX_END_TOKENS + " ids");
        Map<Integer, Float> bias = sequence.getSampling().getLogitBiasMap();
        require(
                bias.size() <= SamplingParameters.MAX_BIASES,
                "logit_bias",
                bias.size() + " tokens",
                SamplingParameters.MAX_BIASES + " tokens");
        int[] biasTokens = new int[bias.size()];
        float[] biasValues = new float[bias.size()];
        int i = 0;
        for (Map.Entry<Integer, Float> entry : bias.entrySet()) {
            biasTokens[i] = token("logit_bias", entry.getKey());
            biasValues[i++] = within("logit_bias", entry.getValue(), -MAX_PENALTY, MAX_PENALTY);
        }
        return new SequenceRequest(
                tokens("token_ids", tokens, sequence::getTokenIds),
                generated,
                maxTokens,
                tokens("end_token_ids", sequence.getEndTokenIdsCount(), sequence::getEndTokenIds),
                sampling(sequence.getSampling()),
                biasTokens,
                biasValues);
    }

    private static SamplingParameters sampling(dev.millrace.proto.v1.SamplingParameters sampling)
            throws InvalidSequenceException {
        int topLogprobs = sampling.getTopLogprobs();
        require(sampling.getTopK() >= 0, "top_k", sampling.getTopK(), "at most 2147483647");
        require(
                topLogprobs >= 0 && topLogprobs <= SamplingParameters.MAX_TOP_LOGPROBS,
                "top_logprobs",
                topLogprobs,
                "at most " + SamplingParameters.MAX_TOP_LOGPROBS);
        return new SamplingParameters(
                within("temperature", sampling.getTemperature(), 0f, MAX_PENALTY),
                within("top_p", sampling.getTopP(), 0f, 1f),
                sampling.getTopK(),
                within("min_p", sampling.getMinP(), 0f, 1f),
                sampling.getSeed(),
                within("presence_penalty", sampling.getPresencePenalty(), -MAX_PENALTY, MAX_PENALTY),
                within("frequency_penalty", sampling.getFrequencyPenalty(), -MAX_PENALTY, MAX_PENALTY),
                within("repeat_penalty", sampling.getRepeatPenalty(), 1 / MAX_PENALTY, MAX_PENALTY),
                sampling.getLogprobs() ? topLogprobs : -1);
    }

    private int[] tokens(String field, int count, IntUnaryOperator ids) throws InvalidSequenceException {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = token(field, ids.applyAsInt(i));
        }
        return tokens;
    }

    private int token(String field, int id) throws InvalidSequenceException {
        if (id < 0 || id >= vocabularySize) {
            throw refusal(field, "id " + Integer.toUnsignedString(id), "below " + vocabularySize);
        }
        return id;
    }

    private static float within(String field, float value, float least, float most) throws InvalidSequenceException {
        if (!(value >= least && value <= most)) {
            throw refusal(field, value, least + " to " + most);
        }
        return value;
    }

    private static void require(boolean holds, String field, Object found, Object allowed)
            throws InvalidSequenceException {
        if (!holds) {
            throw refusal(field, found, allowed);
        }
    }

    private static InvalidSequenceException refusal(String field, Object found, Object allowed) {
        return new InvalidSequenceException(field + " has " + found + ", allowed is " + allowed);
    }
}
