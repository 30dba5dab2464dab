package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.SamplingParameters;
import org.jspecify.annotations.Nullable;

/// Reads the fields that chat and plain completions share.
final class CommonFields {
    private static final int MAX_CHOICES = 16;
    private static final int MAX_MODEL_CHARACTERS = 1024;

    private CommonFields() {}

    /// A request without its prompt and its token limit.
    ///
    /// @param logprobs how many alternatives to each token are wanted, or null where no log probabilities are
    static GenerateRequest.Builder read(FieldReader body, String requestId, @Nullable Integer logprobs) {
        SamplingParameters.Builder sampling = SamplingFields.read(body);
        if (logprobs != null) {
            sampling.setLogprobs(true).setTopLogprobs(logprobs);
        }
        Long choices = body.integer("n", 1, MAX_CHOICES);
        return GenerateRequest.newBuilder()
                .setRequestId(requestId)
                .setModel(model(body))
                .setSampling(sampling)
                .setSeedGiven(SamplingFields.seed(body) != null)
                .setChoices(choices == null ? 1 : choices.intValue())
                .addAllStop(StopField.read(body));
    }

    /// True when the stream is to end with a chunk that has the token counts.
    static boolean includeUsage(FieldReader body) {
        FieldReader options = body.object("stream_options");
        return options != null && options.bool("include_usage", false);
    }

    /// A token limit, or null.
    static @Nullable Integer tokenLimit(FieldReader body, String field) {
        Long limit = body.integer(field, 1, Integer.MAX_VALUE);
        return limit == null ? null : limit.intValue();
    }

    private static String model(FieldReader body) {
        String model = body.requireString("model");
        // The name comes back in every chunk.
        if (model.length() > MAX_MODEL_CHARACTERS) {
            throw FieldErrors.wrongValue("model", "must have at most " + MAX_MODEL_CHARACTERS + " characters");
        }
        return model;
    }
}
