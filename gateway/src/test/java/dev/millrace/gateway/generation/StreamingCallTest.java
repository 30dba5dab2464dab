package dev.millrace.gateway.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.GenerateEvent;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.StepVerifier;

class StreamingCallTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private InProcessServer server;

    @BeforeEach
    void start() throws IOException {
        server = new InProcessServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void brings_every_message_and_the_end() {
        server.script(events -> {
            events.onNext(InProcessServer.started());
            events.onNext(InProcessServer.delta("a"));
            events.onCompleted();
        });

        StepVerifier.create(server.call())
                .expectNext(InProcessServer.started(), InProcessServer.delta("a"))
                .expectComplete()
                .verify(PATIENCE);
    }

    @Test
    void brings_the_end_without_demand() {
        StepVerifier.create(server.call(), 0).expectComplete().verify(PATIENCE);
    }

    @Test
    void each_subscription_is_a_call() {
        assertThat(server.calls).hasValue(0);

        server.call().blockLast(PATIENCE);
        server.call().blockLast(PATIENCE);

        assertThat(server.calls).hasValue(2);
    }

    @Test
    void an_error_comes_with_its_status_after_the_messages() {
        server.script(events -> {
            events.onNext(InProcessServer.started());
            events.onError(Status.RESOURCE_EXHAUSTED.withDescription("full").asRuntimeException());
        });

        StepVerifier.create(server.call())
                .expectNext(InProcessServer.started())
                .expectErrorSatisfies(failure -> assertThat(failure)
                        .isInstanceOfSatisfying(
                                StatusRuntimeException.class,
                                call -> assertThat(call.getStatus().getDescription())
                                        .isEqualTo("full")))
                .verify(PATIENCE);
    }

    @Test
    void a_message_waits_until_it_is_asked_for() {
        server.script(events -> {
            for (int i = 0; i < 5; i++) {
                events.onNext(InProcessServer.delta(Integer.toString(i)));
            }
            events.onCompleted();
        });

        StepVerifier.create(server.call(), 0)
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(50))
                .thenRequest(2)
                .expectNext(InProcessServer.delta("0"), InProcessServer.delta("1"))
                .expectNoEvent(Duration.ofMillis(50))
                .thenRequest(1)
                .expectNext(InProcessServer.delta("2"))
                .thenRequest(Long.MAX_VALUE)
                .expectNext(InProcessServer.delta("3"), InProcessServer.delta("4"))
                .expectComplete()
                .verify(PATIENCE);
    }

    @Test
    void a_server_that_minds_its_window_sends_no_more_than_was_asked_for() throws InterruptedException {
        AtomicInteger sent = new AtomicInteger();
        server.script(events -> events.setOnReadyHandler(() -> {
            while (events.isReady()) {
                events.onNext(InProcessServer.delta(Integer.toString(sent.getAndIncrement())));
            }
        }));
        CountDownLatch received = new CountDownLatch(10);
        BaseSubscriber<GenerateEvent> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(10);
            }

            @Override
            protected void hookOnNext(GenerateEvent event) {
                received.countDown();
            }
        };
        server.call().subscribe(subscriber);

        assertThat(received.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        Thread.sleep(50);
        assertThat(sent.get()).isBetween(10, 11);
        subscriber.cancel();
    }

    @Test
    void a_slow_server_is_waited_for() {
        CompletableFuture<ServerCallStreamObserver<GenerateEvent>> call = new CompletableFuture<>();
        server.script(call::complete);

        StepVerifier.create(server.call(), 100)
                .expectSubscription()
                .then(() -> call.join().onNext(InProcessServer.started()))
                .expectNext(InProcessServer.started())
                .expectNoEvent(Duration.ofMillis(50))
                .then(() -> call.join().onCompleted())
                .expectComplete()
                .verify(PATIENCE);
    }

    @Test
    void cancelling_reaches_the_server_and_is_the_last_signal() throws InterruptedException {
        CountDownLatch cancelled = new CountDownLatch(1);
        server.script(events -> {
            events.setOnCancelHandler(cancelled::countDown);
            events.onNext(InProcessServer.started());
        });

        StepVerifier.create(server.call())
                .expectNext(InProcessServer.started())
                .thenCancel()
                .verify(PATIENCE);

        assertThat(cancelled.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void cancelling_at_once_never_starts_the_call() {
        server.call().subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(1);
                subscription.cancel();
            }
        });

        assertThat(server.calls).hasValue(0);
    }

    @Test
    void cancelling_at_any_moment_leaves_no_call_open() throws InterruptedException {
        int rounds = 500;
        CountDownLatch ended = new CountDownLatch(rounds);
        server.script(events -> {
            events.setOnCancelHandler(ended::countDown);
            events.setOnCloseHandler(ended::countDown);
            events.onNext(InProcessServer.started());
        });
        for (int round = 0; round < rounds; round++) {
            BaseSubscriber<GenerateEvent> subscriber = new BaseSubscriber<>() {};
            Thread canceller = Thread.startVirtualThread(subscriber::cancel);
            server.call().subscribe(subscriber);
            canceller.join();
        }

        for (int neverStarted = rounds - server.calls.get(); neverStarted > 0; neverStarted--) {
            ended.countDown();
        }
        assertThat(ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
}
