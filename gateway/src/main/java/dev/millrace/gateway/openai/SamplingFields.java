package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;
import dev.millrace.gateway.request.NumberRange;
import dev.millrace.proto.v1.SamplingParameters;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads how tokens are to be chosen, with OpenAI's defaults.
final class SamplingFields {
    private static final NumberRange TEMPERATURE = NumberRange.of(0, 2);
    private static final NumberRange TOP_P = NumberRange.above(0, 1);
    private static final NumberRange MIN_P = NumberRange.of(0, 1);
    private static final NumberRange PENALTY = NumberRange.of(-2, 2);
    private static final NumberRange REPEAT_PENALTY = NumberRange.above(0, 10);
    private static final NumberRange BIAS = NumberRange.of(-100, 100);
    private static final int MAX_BIASES = 1024;
    private static final long MAX_TOKEN_ID = Integer.MAX_VALUE;

    private SamplingFields() {}

    static SamplingParameters.Builder read(FieldReader body) {
        SamplingParameters.Builder sampling = SamplingParameters.newBuilder()
                .setTemperature(number(body, "temperature", TEMPERATURE, 1))
                .setTopP(number(body, "top_p", TOP_P, 1))
                .setTopK(topK(body))
                .setMinP(number(body, "min_p", MIN_P, 0))
                .setPresencePenalty(number(body, "presence_penalty", PENALTY, 0))
                .setFrequencyPenalty(number(body, "frequency_penalty", PENALTY, 0))
                .setRepeatPenalty(repeatPenalty(body));
        Long seed = seed(body);
        if (seed != null) {
            sampling.setSeed(seed);
        }
        readBiases(body, sampling);
        return sampling;
    }

    /// The seed, where the request has one.
    static @Nullable Long seed(FieldReader body) {
        return body.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    }

    private static float number(FieldReader body, String field, NumberRange range, double fallback) {
        Double value = body.number(field, range);
        return (float) (value == null ? fallback : value);
    }

    /// Some clients say -1 where they mean all tokens, which is 0 here.
    private static int topK(FieldReader body) {
        Long value = body.integer("top_k", -1, MAX_TOKEN_ID);
        return value == null ? 0 : (int) Math.max(0, value);
    }

    private static float repeatPenalty(FieldReader body) {
        if (body.find("repeat_penalty") != null && body.find("repetition_penalty") != null) {
            throw FieldErrors.wrongValue("repetition_penalty", "is another name of repeat_penalty; give one of them");
        }
        String field = body.find("repetition_penalty") == null ? "repeat_penalty" : "repetition_penalty";
        return number(body, field, REPEAT_PENALTY, 1);
    }

    private static void readBiases(FieldReader body, SamplingParameters.Builder sampling) {
        FieldReader biases = body.object("logit_bias");
        if (biases == null) {
            return;
        }
        if (biases.node().size() > MAX_BIASES) {
            throw FieldErrors.wrongValue("logit_bias", "may have at most " + MAX_BIASES + " entries");
        }
        for (Map.Entry<String, JsonNode> entry : biases.node().properties()) {
            String path = biases.path(entry.getKey());
            sampling.putLogitBias(
                    tokenId(entry.getKey(), path), (float) FieldReader.number(entry.getValue(), path, BIAS));
        }
    }

    private static int tokenId(String key, String path) {
        try {
            long id = Long.parseLong(key);
            if (id >= 0 && id <= MAX_TOKEN_ID) {
                return (int) id;
            }
        } catch (NumberFormatException notANumber) {
            // Falls through to the same error as a number out of range.
        }
        throw FieldErrors.wrongValue(path, "must be named by a token id from 0 to " + MAX_TOKEN_ID);
    }
}
