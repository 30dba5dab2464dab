package dev.millrace.gateway.text;

import dev.millrace.gateway.generation.GenerationClient;
import dev.millrace.gateway.http.JsonAnswer;
import dev.millrace.gateway.json.JsonText;
import dev.millrace.gateway.request.BodyReader;
import dev.millrace.gateway.request.FieldReader;
import dev.millrace.gateway.request.TokenIdsField;
import dev.millrace.proto.v1.DetokenizeRequest;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/// `POST /detokenize`: `tokens` in, `content` out, as llama-server does it.
public final class DetokenizeEndpoint {
    private final BodyReader bodies;
    private final GenerationClient client;
    private final ServedModel models;

    /// @param client does the work
    public DetokenizeEndpoint(BodyReader bodies, GenerationClient client) {
        this.bodies = bodies;
        this.client = client;
        this.models = new ServedModel(client);
    }

    /// Answers with the text of the ids.
    public Mono<ServerResponse> detokenize(ServerRequest request) {
        return bodies.read(request).map(FieldReader::of).flatMap(body -> {
            DetokenizeRequest.Builder detokenize = DetokenizeRequest.newBuilder()
                    .addAllTokenIds(TokenIdsField.read(body.require("tokens", "an array of token ids"), "tokens"));
            return models.of(body)
                    .flatMap(model ->
                            client.detokenize(detokenize.setModel(model).build()))
                    .flatMap(text -> {
                        StringBuilder out = new StringBuilder("{\"content\":");
                        JsonText.quote(out, text.getText());
                        return JsonAnswer.ok(out.append('}').toString());
                    });
        });
    }
}
