package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.tokenizer.loop.ServiceLoop;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;

/// How streams are opened: what counts as open is a first token, a failure is tried again after a growing pause, and a
/// worker that keeps failing is left alone for a moment.
public final class EpochOpening {
    /// The first token of an epoch may wait for a large model's weights to be paged in.
    static final Duration FIRST_TOKEN = Duration.ofSeconds(60);

    /// A stream that is opened again finds a warm pipeline.
    static final Duration FIRST_TOKEN_AGAIN = Duration.ofSeconds(5);

    private final ServiceLoop loop;
    private final PipelineDialer dialer;
    private final TokenClock tokenClock;
    private final SubmittedSequence canaryOrder;
    private final Retry retry = Retry.of(
            "pipeline",
            RetryConfig.custom()
                    .maxAttempts(3)
                    .intervalFunction(IntervalFunction.ofExponentialBackoff(Duration.ofMillis(100), 3))
                    .build());
    private final CircuitBreakerRegistry breakers = CircuitBreakerRegistry.of(CircuitBreakerConfig.custom()
            .slidingWindowSize(8)
            .minimumNumberOfCalls(6)
            .waitDurationInOpenState(Duration.ofSeconds(2))
            .permittedNumberOfCallsInHalfOpenState(1)
            .build());

    EpochOpening(ServiceLoop loop, PipelineDialer dialer, TokenClock tokenClock, SubmittedSequence canaryOrder) {
        this.loop = loop;
        this.dialer = dialer;
        this.tokenClock = tokenClock;
        this.canaryOrder = canaryOrder;
    }

    /// Opening over gRPC; `canaryTokenId` is the prompt of the token that is sent through an idle pipeline.
    public static EpochOpening overGrpc(
            ServiceLoop loop, ChannelSource channels, TokenClock tokenClock, int canaryTokenId) {
        return new EpochOpening(
                loop, new GrpcPipelineDialer(channels, loop), tokenClock, CanaryOrder.of(canaryTokenId));
    }

    ServiceLoop loop() {
        return loop;
    }

    SubmittedSequence canaryOrder() {
        return canaryOrder;
    }

    /// A fresh count of attempts.
    Retry.AsyncContext<Void> attempts() {
        return retry.asyncContext();
    }

    CircuitBreaker breaker(String address) {
        return breakers.circuitBreaker(address);
    }

    PipelineSession session(long epoch, String address, PipelineSession.Owner owner) {
        return new PipelineSession(epoch, address, dialer, loop, tokenClock, owner);
    }
}
