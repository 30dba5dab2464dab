package dev.millrace.gateway.openai;

import dev.millrace.gateway.generation.AnswerEvent;
import dev.millrace.gateway.generation.GenerationClient;
import dev.millrace.gateway.http.ErrorResponder;
import dev.millrace.gateway.http.EventStream;
import dev.millrace.gateway.http.JsonAnswer;
import dev.millrace.gateway.http.RequestIds;
import dev.millrace.gateway.metrics.GenerationMeter;
import dev.millrace.gateway.metrics.GenerationMeters;
import dev.millrace.gateway.request.BodyReader;
import dev.millrace.proto.v1.GenerateRequest;
import java.time.Duration;
import java.util.function.Function;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/// Answers chat and plain completions, streamed and in one piece.
public final class AnswerEndpoint {
    /// Prompts of one request that are generated side by side.
    private static final int CONCURRENT_PROMPTS = 16;

    private static final int PREFETCH_EVENTS = 32;

    private final BodyReader bodies;
    private final GenerationClient client;
    private final GenerationMeters meters;
    private final Duration heartbeat;

    /// @param heartbeat after how much silence a stream gets a comment
    public AnswerEndpoint(BodyReader bodies, GenerationClient client, GenerationMeters meters, Duration heartbeat) {
        this.bodies = bodies;
        this.client = client;
        this.meters = meters;
        this.heartbeat = heartbeat;
    }

    /// `POST /v1/chat/completions`.
    public Mono<ServerResponse> chat(ServerRequest request) {
        return answer(request, ChatRequestReader::read);
    }

    /// `POST /v1/completions`.
    public Mono<ServerResponse> completion(ServerRequest request) {
        return answer(request, CompletionRequestReader::read);
    }

    private Mono<ServerResponse> answer(ServerRequest request, Function<ObjectNode, AnswerPlan> reader) {
        long arrivalNanos = System.nanoTime();
        return bodies.read(request).map(reader).flatMap(plan -> {
            Flux<PromptEvent> events = events(plan, arrivalNanos);
            return plan.streamed() ? streamed(plan, events, request.exchange()) : whole(plan, events);
        });
    }

    private static Mono<ServerResponse> whole(AnswerPlan plan, Flux<PromptEvent> events) {
        return events.collect(() -> new WholeAnswer(plan), WholeAnswer::accept)
                .flatMap(answer ->
                        JsonAnswer.of(ServerResponse.ok().header(RequestIds.HEADER, plan.id()), answer.toJson()));
    }

    private Mono<ServerResponse> streamed(AnswerPlan plan, Flux<PromptEvent> events, ServerWebExchange exchange) {
        StreamedAnswer answer = new StreamedAnswer(plan);
        Flux<EventStream.Frames> frames = events.<EventStream.Frames>map(event -> out -> answer.append(event, out))
                .concatWithValues(answer::appendEnd);
        return EventStream.of(
                frames,
                failure -> StreamedAnswer.error(ErrorResponder.errorOf(failure, exchange)),
                heartbeat,
                plan.id());
    }

    private Flux<PromptEvent> events(AnswerPlan plan, long arrivalNanos) {
        if (plan.prompts().size() == 1) {
            return events(plan.prompts().getFirst(), arrivalNanos).map(event -> new PromptEvent(0, event));
        }
        return Flux.range(0, plan.prompts().size())
                .flatMap(
                        prompt -> events(plan.prompts().get(prompt), arrivalNanos)
                                .map(event -> new PromptEvent(prompt, event)),
                        CONCURRENT_PROMPTS,
                        PREFETCH_EVENTS);
    }

    private Flux<AnswerEvent> events(GenerateRequest prompt, long arrivalNanos) {
        GenerationMeter meter = meters.meter(arrivalNanos, prompt.getChoices());
        return client.generate(prompt).doOnNext(meter::observe);
    }
}
