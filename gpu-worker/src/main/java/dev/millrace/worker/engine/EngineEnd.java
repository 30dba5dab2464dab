package dev.millrace.worker.engine;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a stage ends: by an error, its own or one that a neighbour's message caused, which the listener is told once.
final class EngineEnd {

    private static final Logger log = LoggerFactory.getLogger(EngineEnd.class);

    private final long epoch;
    private final FailureListener listener;
    private final AtomicReference<@Nullable StepRefusedException> broken = new AtomicReference<>();

    EngineEnd(long epoch, FailureListener listener) {
        this.epoch = epoch;
        this.listener = listener;
    }

    /// Notes, from any thread, that the epoch cannot go on.
    ///
    /// @return the exception, to be thrown
    StepRefusedException breakWith(StepRefusedException cause) {
        broken.compareAndSet(null, cause);
        return cause;
    }

    /// Fails in the engine thread when somebody noted that the epoch cannot go on.
    void check() {
        StepRefusedException cause = broken.get();
        if (cause != null) {
            throw cause;
        }
    }

    /// Tells the listener.
    ///
    /// @return the message
    String failed(String doing, Throwable cause) {
        String message = cause instanceof StepRefusedException
                ? String.valueOf(cause.getMessage())
                : doing + " failed: " + cause;
        log.error("Epoch {} ends: {}", epoch, message, cause);
        try {
            listener.failed(new EngineFailure(epoch, message, cause));
        } catch (RuntimeException e) {
            log.error("The end of epoch {} could not be told", epoch, e);
        }
        return message;
    }
}
