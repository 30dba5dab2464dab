package dev.millrace.gateway.generation;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.reactor.retry.RetryOperator;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Watches over the opening of streams, up to their first event and no further: retries where nobody was there, stops
/// trying for a second where that goes on, and gives up on a stream that says nothing.
final class OpeningGuard {
    /// With pauses of 0.1 to 0.8 s between them: long enough for a tokenizer-service that is being restarted to take a
    /// new connection.
    private static final int ATTEMPTS = 5;

    private final CircuitBreaker breaker = CircuitBreaker.of(
            "tokenizer",
            CircuitBreakerConfig.custom()
                    .slidingWindowSize(20)
                    .minimumNumberOfCalls(10)
                    .waitDurationInOpenState(Duration.ofSeconds(1))
                    .permittedNumberOfCallsInHalfOpenState(5)
                    .automaticTransitionFromOpenToHalfOpenEnabled(false)
                    .writableStackTraceEnabled(false)
                    .build());

    private final Retry retry = Retry.of(
            "tokenizer",
            RetryConfig.custom()
                    .maxAttempts(ATTEMPTS)
                    .intervalFunction(IntervalFunction.ofExponentialRandomBackoff(Duration.ofMillis(100), 2, 0.5))
                    .retryOnException(OpeningFailedException.class::isInstance)
                    .build());

    private final Duration patience;

    /// @param patience how long a stream may take to its first event
    OpeningGuard(Duration patience) {
        this.patience = patience;
    }

    /// The same stream under watch.
    <E> Flux<E> watch(Flux<E> stream) {
        return Flux.defer(() -> attempt(stream)).transformDeferred(RetryOperator.of(retry));
    }

    /// A call with a single answer, which can be made again as a whole where nobody was there.
    <E> Mono<E> retry(Mono<E> call) {
        return call.onErrorMap(CallErrors::isNobodyThere, OpeningFailedException::new)
                .transformDeferred(RetryOperator.of(retry));
    }

    private <E> Flux<E> attempt(Flux<E> stream) {
        breaker.acquirePermission();
        long start = breaker.getCurrentTimestamp();
        AtomicBoolean opening = new AtomicBoolean(true);
        return stream.takeUntilOther(lateness(opening))
                .doOnNext(event -> {
                    if (opening.getPlain() && opening.compareAndSet(true, false)) {
                        breaker.onSuccess(elapsed(start), breaker.getTimestampUnit());
                    }
                })
                .onErrorMap(failure -> opening.compareAndSet(true, false) ? opened(start, failure) : failure)
                .doFinally(end -> {
                    // Without an event and without a failure: the client left, or the stream was empty.
                    if (opening.compareAndSet(true, false)) {
                        breaker.releasePermission();
                    }
                });
    }

    /// Fails once the patience is over and there was no event. [Flux#timeout] would watch over every later event too,
    /// which costs objects for each token.
    private Mono<Void> lateness(AtomicBoolean opening) {
        return Mono.delay(patience)
                .flatMap(tick ->
                        opening.get() ? Mono.error(new TimeoutException("no event within " + patience)) : Mono.never());
    }

    /// What a failure before the first event means; a refusal shows that somebody is there.
    private Throwable opened(long start, Throwable failure) {
        if (CallErrors.isNobodyThere(failure)) {
            breaker.onError(elapsed(start), breaker.getTimestampUnit(), failure);
            return new OpeningFailedException(failure);
        }
        breaker.onSuccess(elapsed(start), breaker.getTimestampUnit());
        return failure;
    }

    private long elapsed(long start) {
        return breaker.getCurrentTimestamp() - start;
    }
}
