package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.RefusalReason;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.retry.Retry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One epoch of the pipeline from the first attempt to open its stream to its end. Retry and circuit breaker guard the
/// opening only, which ends with the first token; a stream that breaks later is opened again in the same epoch.
final class ServedEpoch implements PipelineSession.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(ServedEpoch.class);

    private final long epoch;
    private final String address;
    private final EpochOpening opening;
    private final PipelineRouter router;
    private final PipelineHost.Listener listener;
    private final CircuitBreaker breaker;
    private Retry.AsyncContext<Void> attempts;
    private Duration firstTokenDeadline = EpochOpening.FIRST_TOKEN;
    private long attemptNanos;
    private @Nullable PipelineSession session;
    private boolean serving;
    private boolean closed;

    ServedEpoch(
            long epoch, String address, EpochOpening opening, PipelineRouter router, PipelineHost.Listener listener) {
        this.epoch = epoch;
        this.address = address;
        this.opening = opening;
        this.router = router;
        this.listener = listener;
        breaker = opening.breaker(address);
        attempts = opening.attempts();
    }

    void open() {
        if (closed) {
            return;
        }
        if (!breaker.tryAcquirePermission()) {
            retry(CallNotPermittedException.createCallNotPermittedException(breaker));
            return;
        }
        attemptNanos = opening.loop().nanoTime();
        PipelineSession next = opening.session(epoch, address, this);
        session = next;
        Canary.send(next, opening.canaryOrder(), opening.loop(), firstTokenDeadline, cameOut -> tried(next, cameOut));
    }

    void close(String reason) {
        closed = true;
        leaveSession(reason);
    }

    @Override
    public void lost(String reason) {
        if (closed) {
            return;
        }
        if (serving) {
            LOG.warn("The stream to stage 0 at {} broke: {}", address, reason);
            leaveSession(reason);
            attempts = opening.attempts();
            firstTokenDeadline = EpochOpening.FIRST_TOKEN_AGAIN;
            open();
        } else {
            failed(reason);
        }
    }

    @Override
    public void refusedAgain(Sequence sequence, RefusalReason reason, String message) {
        router.refusedAgain(sequence, reason, message);
    }

    private void tried(PipelineSession tried, boolean cameOut) {
        if (closed || serving || session != tried) {
            return;
        }
        if (!cameOut) {
            failed("no token came out of the pipeline within " + firstTokenDeadline.toSeconds() + " seconds");
            return;
        }
        breaker.onSuccess(opening.loop().since(attemptNanos).toNanos(), TimeUnit.NANOSECONDS);
        attempts.onComplete();
        serving = true;
        router.adopt(tried);
        listener.serving();
    }

    private void failed(String reason) {
        IllegalStateException failure = new IllegalStateException(reason);
        breaker.onError(opening.loop().since(attemptNanos).toNanos(), TimeUnit.NANOSECONDS, failure);
        leaveSession(reason);
        retry(failure);
    }

    private void retry(RuntimeException failure) {
        long pauseMillis = attempts.onError(failure);
        if (pauseMillis >= 0) {
            opening.loop().after(Duration.ofMillis(pauseMillis), this::open);
        } else {
            closed = true;
            listener.lost("stage 0 at " + address + ": " + failure.getMessage());
        }
    }

    private void leaveSession(String reason) {
        PipelineSession left = session;
        session = null;
        serving = false;
        if (left != null) {
            router.abandon(left, reason);
        }
    }
}
