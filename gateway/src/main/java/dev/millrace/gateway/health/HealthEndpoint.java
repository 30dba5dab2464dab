package dev.millrace.gateway.health;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.error.ApiException;
import dev.millrace.gateway.generation.GenerationClient;
import dev.millrace.gateway.http.JsonAnswer;
import dev.millrace.proto.v1.GetStatusResponse;
import java.time.Duration;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/// Two questions of supervisors: does the process live, and can it serve.
public final class HealthEndpoint {
    private static final int RETRY_AFTER_SECONDS = 1;

    private final GenerationClient client;
    private final Duration deadline;

    /// @param client knows whether a pipeline serves
    /// @param deadline how long its answer may take
    public HealthEndpoint(GenerationClient client, Duration deadline) {
        this.client = client;
        this.deadline = deadline;
    }

    /// `GET /health`: 200 as long as requests are answered at all.
    public Mono<ServerResponse> live(ServerRequest request) {
        return JsonAnswer.ok("{\"status\":\"ok\"}");
    }

    /// `GET /ready`: 200 when a token went through every stage lately, else 503 with the reason.
    public Mono<ServerResponse> ready(ServerRequest request) {
        return client.status(deadline)
                .flatMap(HealthEndpoint::answer)
                .onErrorMap(
                        ApiException.class, failure -> notReady(failure.error().message()));
    }

    private static Mono<ServerResponse> answer(GetStatusResponse status) {
        if (status.getReady()) {
            return JsonAnswer.ok("{\"status\":\"ready\"}");
        }
        String reason = status.getReason();
        return Mono.error(notReady(reason.isBlank() ? "no pipeline is ready" : reason));
    }

    private static ApiException notReady(String reason) {
        return ApiError.unavailable(reason, "not_ready", RETRY_AFTER_SECONDS).exception();
    }
}
