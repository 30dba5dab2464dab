package dev.millrace.worker.engine;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// The one thread of an engine or a stage runner: others wake it, and end it with a deadline.
final class EngineThread {

    private final Thread thread;
    private volatile boolean stopping;

    EngineThread(String name, Runnable body) {
        thread = Thread.ofPlatform().name(name).daemon().unstarted(body);
    }

    void start() {
        thread.start();
    }

    /// Ends a [#park], the one under way or the next one. From any thread.
    void wake() {
        LockSupport.unpark(thread);
    }

    /// Waits until woken, at most that long; may return early. Called by the thread itself.
    void park(long nanoseconds) {
        LockSupport.parkNanos(this, nanoseconds);
        // Nobody interrupts on purpose, and a thread that is interrupted cannot park.
        Thread.interrupted();
    }

    boolean wasStarted() {
        return thread.getState() != Thread.State.NEW;
    }

    boolean isStopping() {
        return stopping;
    }

    /// Asks the body to return and waits for it.
    ///
    /// @return true when the thread has ended, was never started, or is the caller
    boolean stop(Duration deadline) {
        stopping = true;
        wake();
        if (!wasStarted() || thread == Thread.currentThread()) {
            return true;
        }
        try {
            return thread.join(deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !thread.isAlive();
        }
    }
}
