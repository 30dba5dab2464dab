package dev.millrace.gateway.openai;

import dev.millrace.gateway.generation.GenerationClient;
import dev.millrace.gateway.request.BodyReader;
import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/// `POST /v1/embeddings`: no model that this version runs makes embeddings, and a client is told so; what is wrong with
/// its request is told first.
public final class EmbeddingsEndpoint {
    private static final String WANTED = "a string, an array of strings or an array of token ids";

    private final BodyReader bodies;
    private final GenerationClient client;

    /// @param client knows the models
    public EmbeddingsEndpoint(BodyReader bodies, GenerationClient client) {
        this.bodies = bodies;
        this.client = client;
    }

    /// Refuses with status 400, or 404 for an unknown model.
    public Mono<ServerResponse> embed(ServerRequest request) {
        return bodies.read(request).map(FieldReader::of).flatMap(body -> {
            String model = body.requireString("model");
            JsonNode input = body.require("input", WANTED);
            if (!input.isString() && !input.isArray()) {
                throw FieldErrors.wrongType("input", WANTED, input);
            }
            return client.models()
                    .flatMap(models -> Mono.error(
                            models.getModelsList().stream()
                                            .anyMatch(served -> served.getId().equals(model))
                                    ? FieldErrors.unsupported("model", "\"" + model + "\" does not make embeddings")
                                    : ModelsEndpoint.unknown(model)));
        });
    }
}
