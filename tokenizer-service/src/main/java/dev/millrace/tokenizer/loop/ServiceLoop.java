package dev.millrace.tokenizer.loop;

import java.time.Duration;
import java.util.concurrent.Executor;

/// Runs tasks one after the other. Everything that pipelines, placements and running requests know is touched by tasks
/// of one loop only, so none of it needs a lock. Tasks never block.
public interface ServiceLoop extends Executor {
    /// Runs `task` once after `delay`, unless the timer is cancelled before.
    Timer after(Duration delay, Runnable task);

    /// A monotonic clock in nanoseconds, as `System.nanoTime()`.
    long nanoTime();

    /// Time that passed since an earlier [#nanoTime()].
    default Duration since(long earlierNanos) {
        return Duration.ofNanos(nanoTime() - earlierNanos);
    }

    /// A task that waits for its time.
    interface Timer {
        /// Keeps the task from running; nothing happens when it ran already.
        void cancel();
    }
}
