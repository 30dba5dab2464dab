package dev.millrace.gateway.http;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.publisher.SynchronousSink;

/// Answers with server-sent events. Nothing is written before the first frames are there, so an error until then still
/// gets a status of its own; in silence after it a comment keeps the connection awake.
public final class EventStream {
    /// What an event means in whole frames, each with its blank line; nothing where there is nothing to say yet.
    @FunctionalInterface
    public interface Frames {
        /// Appends the frames; called once.
        void appendTo(StringBuilder out);
    }

    private static final Frames COMMENT = out -> out.append(": waiting\n\n");
    private static final int USUAL_FRAME_CHARACTERS = 256;

    private EventStream() {}

    /// Starts the answer with the first event.
    ///
    /// @param events asked for as fast as the client reads, and turned into frames one after the other
    /// @param lastWords what a client is told when the events fail after the first
    /// @param heartbeat after how much silence a comment is sent
    /// @param requestId the name of the request
    public static Mono<ServerResponse> of(
            Flux<Frames> events, Function<Throwable, Frames> lastWords, Duration heartbeat, String requestId) {
        Flux<Frames> lively =
                events.switchOnFirst((first, all) -> first.hasValue() ? withHeartbeat(all, heartbeat) : all);
        return ServerResponse.ok()
                .contentType(MediaType.TEXT_EVENT_STREAM)
                .cacheControl(CacheControl.noCache())
                // Tells nginx to pass each event on at once.
                .header("X-Accel-Buffering", "no")
                .header(RequestIds.HEADER, requestId)
                .body((message, context) -> {
                    Renderer renderer = new Renderer(message.bufferFactory());
                    // The last step before the connection: a buffer that is filled and then dropped would be lost.
                    return message.writeWith(lively.handle(renderer)
                            .onErrorResume(failure -> message.isCommitted()
                                    ? Flux.just(lastWords.apply(failure)).handle(renderer)
                                    : Flux.error(failure)));
                });
    }

    private static Flux<Frames> withHeartbeat(Flux<Frames> frames, Duration pause) {
        AtomicLong lastFrameNanos = new AtomicLong(System.nanoTime());
        Sinks.Empty<Void> end = Sinks.empty();
        Flux<Frames> comments = Flux.interval(pause)
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

    /// Turns one event after the other into bytes, all in the same scratch text.
    private static final class Renderer implements BiConsumer<Frames, SynchronousSink<DataBuffer>> {
        private final DataBufferFactory buffers;
        private final StringBuilder text = new StringBuilder(USUAL_FRAME_CHARACTERS);

        Renderer(DataBufferFactory buffers) {
            this.buffers = buffers;
        }

        @Override
        public void accept(Frames frames, SynchronousSink<DataBuffer> sink) {
            text.setLength(0);
            frames.appendTo(text);
            if (!text.isEmpty()) {
                sink.next(buffers.allocateBuffer(text.length()).write(text, StandardCharsets.UTF_8));
            }
        }
    }
}
