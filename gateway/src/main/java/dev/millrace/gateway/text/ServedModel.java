package dev.millrace.gateway.text;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.generation.GenerationClient;
import dev.millrace.gateway.request.FieldReader;
import reactor.core.publisher.Mono;

/// Finds the model that a request means: the one it names, or the first one that is served.
final class ServedModel {
    private final GenerationClient client;

    ServedModel(GenerationClient client) {
        this.client = client;
    }

    Mono<String> of(FieldReader body) {
        String named = body.string("model");
        if (named != null) {
            return Mono.just(named);
        }
        return client.models()
                .flatMap(models -> models.getModelsCount() == 0
                        ? Mono.error(ApiError.unavailable("no model is served", "no_model", 1)
                                .exception())
                        : Mono.just(models.getModels(0).getId()));
    }
}
