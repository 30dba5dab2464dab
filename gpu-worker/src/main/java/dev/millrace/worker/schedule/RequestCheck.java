package dev.millrace.worker.schedule;

import dev.millrace.worker.step.SamplingParameters;
import org.jspecify.annotations.Nullable;

/// Finds what makes no sense in a request, or can never fit.
final class RequestCheck {

    private final SchedulerSettings settings;

    RequestCheck(SchedulerSettings settings) {
        this.settings = settings;
    }

    /// Why the request is refused, or null.
    @Nullable
    Refusal refusal(SequenceRequest request) {
        String nonsense = nonsense(request);
        if (nonsense != null) {
            return new Refusal(RefusalReason.INVALID, nonsense);
        }
        int length = request.tokenIds().length;
        if (length >= settings.maxLength()) {
            return new Refusal(
                    RefusalReason.TOO_LONG,
                    length + " tokens leave no room for output: a sequence can have " + settings.maxLength()
                            + " tokens (context length " + settings.contextLength() + ", " + settings.kvBlocks()
                            + " KV blocks)");
        }
        return null;
    }

    private @Nullable String nonsense(SequenceRequest request) {
        if (request.tokenIds().length == 0) {
            return "a sequence needs at least one token";
        }
        if (request.generatedCount() < 0 || request.generatedCount() >= request.tokenIds().length) {
            return request.generatedCount() + " of " + request.tokenIds().length + " tokens cannot be output";
        }
        if (request.maxTokens() <= request.generatedCount()) {
            return "at most " + request.maxTokens() + " output tokens are wanted and " + request.generatedCount()
                    + " are there already";
        }
        if (request.biasTokenIds().length != request.biasValues().length) {
            return request.biasTokenIds().length + " biased tokens have " + request.biasValues().length + " biases";
        }
        for (float bias : request.biasValues()) {
            if (!Float.isFinite(bias)) {
                return "a logit bias of " + bias + " is not a number to add";
            }
        }
        String unknown = unknownToken(request.tokenIds());
        if (unknown == null) {
            unknown = unknownToken(request.biasTokenIds());
        }
        return unknown != null ? unknown : nonsense(request.sampling());
    }

    private @Nullable String unknownToken(int[] tokenIds) {
        for (int id : tokenIds) {
            if (id < 0 || id >= settings.vocabularySize()) {
                return "token id " + Integer.toUnsignedString(id) + " is outside the vocabulary of "
                        + settings.vocabularySize();
            }
        }
        return null;
    }

    private static @Nullable String nonsense(SamplingParameters sampling) {
        return first(
                complaint("temperature", sampling.temperature(), sampling.temperature() >= 0f),
                complaint("top_p", sampling.topP(), sampling.topP() > 0f && sampling.topP() <= 1f),
                complaint("top_k", sampling.topK(), sampling.topK() >= 0),
                complaint("min_p", sampling.minP(), sampling.minP() >= 0f && sampling.minP() <= 1f),
                complaint("presence_penalty", sampling.presencePenalty(), true),
                complaint("frequency_penalty", sampling.frequencyPenalty(), true),
                complaint("repeat_penalty", sampling.repeatPenalty(), sampling.repeatPenalty() > 0f),
                complaint(
                        "top_logprobs",
                        sampling.topLogprobs(),
                        sampling.topLogprobs() >= -1 && sampling.topLogprobs() <= SamplingParameters.MAX_TOP_LOGPROBS));
    }

    private static @Nullable String complaint(String name, float value, boolean inRange) {
        return inRange && Float.isFinite(value) ? null : name + " cannot be " + value;
    }

    private static @Nullable String first(@Nullable String... complaints) {
        for (String complaint : complaints) {
            if (complaint != null) {
                return complaint;
            }
        }
        return null;
    }
}
