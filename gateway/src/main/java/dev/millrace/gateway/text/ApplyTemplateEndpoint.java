package dev.millrace.gateway.text;

import dev.millrace.gateway.generation.GenerationClient;
import dev.millrace.gateway.http.JsonAnswer;
import dev.millrace.gateway.json.JsonText;
import dev.millrace.gateway.openai.ConversationFields;
import dev.millrace.gateway.request.BodyReader;
import dev.millrace.gateway.request.FieldReader;
import dev.millrace.proto.v1.ApplyTemplateRequest;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/// `POST /apply-template`: `messages` in, `prompt` out; the fields of a chat request that a template can see count.
public final class ApplyTemplateEndpoint {
    private final BodyReader bodies;
    private final GenerationClient client;
    private final ServedModel models;

    /// @param client does the work
    public ApplyTemplateEndpoint(BodyReader bodies, GenerationClient client) {
        this.bodies = bodies;
        this.client = client;
        this.models = new ServedModel(client);
    }

    /// Answers with the text that the model would read.
    public Mono<ServerResponse> applyTemplate(ServerRequest request) {
        return bodies.read(request).map(FieldReader::of).flatMap(body -> {
            ApplyTemplateRequest.Builder apply =
                    ApplyTemplateRequest.newBuilder().setConversation(ConversationFields.read(body));
            return models.of(body)
                    .flatMap(model -> client.applyTemplate(apply.setModel(model).build()))
                    .flatMap(rendered -> {
                        StringBuilder out = new StringBuilder("{\"prompt\":");
                        JsonText.quote(out, rendered.getPrompt());
                        return JsonAnswer.ok(out.append('}').toString());
                    });
        });
    }
}
