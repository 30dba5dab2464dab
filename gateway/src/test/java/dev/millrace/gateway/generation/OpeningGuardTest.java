package dev.millrace.gateway.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class OpeningGuardTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final OpeningGuard guard = new OpeningGuard(Duration.ofMillis(200));
    private final AtomicInteger subscriptions = new AtomicInteger();

    @Test
    void tries_again_where_nobody_was_there() {
        Flux<String> stream = counted(attempt -> attempt < 3 ? Flux.error(nobody()) : Flux.just("a", "b"));

        StepVerifier.create(guard.watch(stream))
                .expectNext("a", "b")
                .expectComplete()
                .verify(PATIENCE);
        assertThat(subscriptions).hasValue(3);
    }

    @Test
    void gives_up_after_five_attempts() {
        StepVerifier.create(guard.watch(counted(attempt -> Flux.error(nobody()))))
                .expectError(OpeningFailedException.class)
                .verify(PATIENCE);
        assertThat(subscriptions).hasValue(5);
    }

    @Test
    void never_tries_again_after_the_first_event() {
        Flux<String> stream = counted(attempt -> Flux.concat(Flux.just("a"), Flux.error(nobody())));

        StepVerifier.create(guard.watch(stream))
                .expectNext("a")
                .expectError(StatusRuntimeException.class)
                .verify(PATIENCE);
        assertThat(subscriptions).hasValue(1);
    }

    @Test
    void takes_a_refusal_as_an_answer() {
        Flux<String> stream = counted(attempt -> Flux.error(Status.RESOURCE_EXHAUSTED.asRuntimeException()));

        StepVerifier.create(guard.watch(stream))
                .expectError(StatusRuntimeException.class)
                .verify(PATIENCE);
        assertThat(subscriptions).hasValue(1);
    }

    @Test
    void asks_again_for_a_single_answer_where_nobody_was_there() {
        Flux<String> answers = counted(attempt -> attempt < 3 ? Flux.error(nobody()) : Flux.just("a"));

        StepVerifier.create(guard.retry(answers.single()))
                .expectNext("a")
                .expectComplete()
                .verify(PATIENCE);
        assertThat(subscriptions).hasValue(3);
    }

    @Test
    void stops_asking_where_nobody_is_there_for_long() {
        Flux<String> stream = counted(attempt -> Flux.error(nobody()));
        for (int i = 0; i < 4; i++) {
            guard.watch(stream).onErrorComplete().blockLast(PATIENCE);
        }
        int before = subscriptions.get();

        StepVerifier.create(guard.watch(stream))
                .expectError(CallNotPermittedException.class)
                .verify(PATIENCE);
        assertThat(subscriptions).hasValue(before);
    }

    @Test
    void refusals_and_departures_do_not_count_as_absence() {
        Flux<String> refused = counted(attempt -> Flux.error(Status.INVALID_ARGUMENT.asRuntimeException()));
        for (int i = 0; i < 30; i++) {
            guard.watch(refused).onErrorComplete().blockLast(PATIENCE);
            guard.watch(Flux.<String>never()).subscribe().dispose();
        }

        StepVerifier.create(guard.watch(Flux.just("a")))
                .expectNext("a")
                .expectComplete()
                .verify(PATIENCE);
    }

    @Test
    void waits_for_the_first_event_only() {
        StepVerifier.create(guard.watch(Flux.<String>never()))
                .expectError(TimeoutException.class)
                .verify(PATIENCE);
        StepVerifier.create(
                        guard.watch(Flux.just("a").concatWith(Flux.just("b").delaySequence(Duration.ofMillis(400)))))
                .expectNext("a", "b")
                .expectComplete()
                .verify(PATIENCE);
    }

    private Flux<String> counted(java.util.function.IntFunction<Flux<String>> attempts) {
        return Flux.defer(() -> attempts.apply(subscriptions.incrementAndGet()));
    }

    private static StatusRuntimeException nobody() {
        return Status.UNAVAILABLE.asRuntimeException(new Metadata());
    }
}
