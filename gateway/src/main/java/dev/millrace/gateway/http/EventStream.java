package dev.millrace.gateway.http;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// Answers with server-sent events that are text already. Nothing is written before the first frame is there, so an
/// error until then still gets a status of its own; in silence after it a comment keeps the connection awake.
public final class EventStream {
    private static final String COMMENT = ": waiting\n\n";

    private EventStream() {}

    /// Starts the answer with the first frame.
    ///
    /// @param frames whole frames, each with its blank line, or empty text where there is nothing to say yet; they are
    ///     asked for as fast as the client reads
    /// @param heartbeat after how much silence a comment is sent
    /// @param requestId the name of the request
    public static Mono<ServerResponse> of(Flux<String> frames, Duration heartbeat, String requestId) {
        Flux<String> lively = frames.switchOnFirst(
                        (first, all) -> first.hasValue() ? withHeartbeat(all, heartbeat) : all)
                .filter(frame -> !frame.isEmpty());
        return ServerResponse.ok()
                .contentType(MediaType.TEXT_EVENT_STREAM)
                .cacheControl(CacheControl.noCache())
                // Tells nginx to pass each event on at once.
                .header("X-Accel-Buffering", "no")
                .header(RequestIds.HEADER, requestId)
                .body((message, context) -> message.writeWith(
                        lively.map(frame -> message.bufferFactory().wrap(frame.getBytes(StandardCharsets.UTF_8)))));
    }

    private static Flux<String> withHeartbeat(Flux<String> frames, Duration pause) {
        AtomicLong lastFrameNanos = new AtomicLong(System.nanoTime());
        Sinks.Empty<Void> end = Sinks.empty();
        Flux<String> comments = Flux.interval(pause)
                .filter(tick -> System.nanoTime() - lastFrameNanos.get() >= pause.toNanos())
                .map(tick -> COMMENT)
                // A client that does not read needs no comments.
                .onBackpressureDrop()
                .takeUntilOther(end.asMono());
        return Flux.merge(
                frames.doOnNext(frame -> lastFrameNanos.lazySet(System.nanoTime()))
                        .doFinally(signal -> end.tryEmitEmpty()),
                comments);
    }
}
