package dev.millrace.gateway.http;

import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/// Answers with JSON that is text already.
public final class JsonAnswer {
    private JsonAnswer() {}

    /// Status 200 and the given document.
    public static Mono<ServerResponse> ok(String json) {
        return of(ServerResponse.ok(), json);
    }

    /// Another status and the given document.
    public static Mono<ServerResponse> of(HttpStatus status, String json) {
        return of(ServerResponse.status(status), json);
    }

    /// The given document on an answer that has its status and headers.
    public static Mono<ServerResponse> of(ServerResponse.BodyBuilder answer, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        return answer.contentType(MediaType.APPLICATION_JSON)
                .contentLength(body.length)
                .body((message, context) -> message.writeWith(
                        Mono.fromSupplier(() -> message.bufferFactory().wrap(body))));
    }
}
