package dev.millrace.gateway.openai;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.generation.GenerationClient;
import dev.millrace.gateway.http.JsonAnswer;
import dev.millrace.gateway.json.JsonText;
import dev.millrace.proto.v1.Model;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/// Tells which models are served.
public final class ModelsEndpoint {
    private final GenerationClient client;

    /// @param client knows the models
    public ModelsEndpoint(GenerationClient client) {
        this.client = client;
    }

    /// `GET /v1/models`.
    public Mono<ServerResponse> list(ServerRequest request) {
        return client.models().flatMap(models -> JsonAnswer.ok(list(models.getModelsList())));
    }

    /// `GET /v1/models/{*id}`; an id may have slashes.
    public Mono<ServerResponse> one(ServerRequest request) {
        String id = request.pathVariable("id").substring(1);
        return client.models()
                .flatMap(models -> models.getModelsList().stream()
                        .filter(model -> model.getId().equals(id))
                        .findFirst()
                        .map(model ->
                                JsonAnswer.ok(append(new StringBuilder(), model).toString()))
                        .orElseGet(() -> Mono.error(unknown(id))));
    }

    private static String list(List<Model> models) {
        StringBuilder out = new StringBuilder(256).append("{\"object\":\"list\",\"data\":[");
        for (int i = 0; i < models.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            append(out, models.get(i));
        }
        return out.append("]}").toString();
    }

    private static StringBuilder append(StringBuilder out, Model model) {
        out.append("{\"id\":");
        JsonText.quote(out, model.getId());
        out.append(",\"object\":\"model\",\"created\":").append(model.getCreatedSeconds());
        out.append(",\"owned_by\":\"millrace\",\"context_length\":").append(model.getContextLength());
        return out.append('}');
    }

    static RuntimeException unknown(String id) {
        return ApiError.invalidRequest(
                        HttpStatus.NOT_FOUND, "there is no model \"" + id + "\" here", "model", "model_not_found")
                .exception();
    }
}
