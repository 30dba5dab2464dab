package dev.millrace.tokenizer.generation;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Threads for rendering and encoding, which take as long as prompts are long and must not hold up the threads that
/// move tokens. What waits for them is bounded.
public final class EncodingPool implements AutoCloseable {
    private static final int WAITING = 1024;

    private final ThreadPoolExecutor executor;

    /// A pool of so many threads.
    public EncodingPool(int threads) {
        executor = new ThreadPoolExecutor(
                threads,
                threads,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(WAITING),
                Thread.ofPlatform().daemon().name("encode-", 0).factory());
        executor.allowCoreThreadTimeOut(true);
    }

    /// Runs `work` soon, or refuses with queue_full.
    Future<?> submit(Runnable work) {
        try {
            return executor.submit(work);
        } catch (RejectedExecutionException e) {
            throw RequestRefusal.queueFull(WAITING + " prompts are waiting to be encoded already.");
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
