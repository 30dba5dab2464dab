package dev.millrace.gateway.metrics;

import dev.millrace.gateway.error.ApiException;
import dev.millrace.gateway.generation.GenerationClient;
import dev.millrace.proto.v1.GetStatusResponse;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/// `GET /metrics`: what the gateway counts, and the state of the pipelines at this moment.
public final class MetricsEndpoint {
    private static final String FORMAT = "text/plain; version=0.0.4; charset=utf-8";
    private static final Duration FRESH = Duration.ofSeconds(1);

    /// An idle pipeline is given a token before it answers, which may take longer than a scrape should.
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final PrometheusMeterRegistry registry;
    private final Mono<GetStatusResponse> status;

    /// @param registry what is counted here
    /// @param client asked for the pipelines, at most once a second
    public MetricsEndpoint(PrometheusMeterRegistry registry, GenerationClient client) {
        PipelineCollector pipelines = new PipelineCollector();
        registry.getPrometheusRegistry().register(pipelines);
        this.registry = registry;
        this.status = client.status(DEADLINE)
                // Figures of pipelines that cannot be asked would be out of date.
                .onErrorReturn(ApiException.class, GetStatusResponse.getDefaultInstance())
                .doOnNext(pipelines::accept)
                .cache(FRESH);
    }

    /// The metrics as Prometheus text; where the pipelines are slow to answer, with their figures of the time before.
    public Mono<ServerResponse> scrape(ServerRequest request) {
        return status.then().timeout(PATIENCE, Mono.empty()).then(Mono.defer(this::text));
    }

    private Mono<ServerResponse> text() {
        return ServerResponse.ok()
                .contentType(MediaType.parseMediaType(FORMAT))
                .body((message, context) -> message.writeWith(Mono.fromSupplier(() ->
                        message.bufferFactory().wrap(registry.scrape(FORMAT).getBytes(StandardCharsets.UTF_8)))));
    }
}
