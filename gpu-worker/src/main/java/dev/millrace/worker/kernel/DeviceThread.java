package dev.millrace.worker.kernel;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The one thread on which a device is used, from loading to closing: a driver ties much of its state to a thread. An
/// engine occupies it for as long as it runs, so that no step is handed from thread to thread. Started when it is first
/// needed.
public final class DeviceThread implements AutoCloseable {

    private final String name;
    private volatile @Nullable Thread thread;
    private volatile ExecutorService executor;
    private volatile boolean abandoned;

    /// @param name of the thread while nothing occupies it
    public DeviceThread(String name) {
        this.name = name;
        executor = newExecutor();
    }

    private ExecutorService newExecutor() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread made = Thread.ofPlatform().name(name).daemon().unstarted(task);
            thread = made;
            return made;
        });
    }

    /// Runs `task` there and waits for it, behind whatever occupies the thread; at once where the caller is that
    /// thread.
    /// What the task throws, this throws.
    public <T extends @Nullable Object> T call(Supplier<T> task) {
        return isCurrent() ? task.get() : result(executor.submit(task::get));
    }

    /// As [#call], but waits for that long at the most: a driver may never come back. The task stays in its turn.
    ///
    /// @return empty where the task is not done by then
    public <T> Optional<T> call(Supplier<T> task, Duration deadline) {
        if (isCurrent()) {
            return Optional.of(task.get());
        }
        Future<T> future = executor.submit(task::get);
        try {
            return Optional.of(future.get(deadline.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            throw unchecked(e);
        }
    }

    /// As [#call] for a task without a result.
    public void run(Runnable task) {
        call(() -> {
            task.run();
            return null;
        });
    }

    private boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    private static <T extends @Nullable Object> T result(Future<T> future) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw unchecked(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException unchecked(ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(cause);
    }

    /// A body that is to have the thread from [Occupation#start] until it returns.
    ///
    /// @param occupant the thread's name meanwhile
    public Occupation occupation(String occupant, Runnable body) {
        return new Occupation(occupant, body);
    }

    /// Leaves a thread behind that does not come back from what it is in: the next task gets a new one.
    public void abandon() {
        ExecutorService stuck = executor;
        abandoned = true;
        thread = null;
        executor = newExecutor();
        stuck.shutdown();
    }

    /// Whether a thread was ever left behind, with everything that it holds.
    public boolean isAbandoned() {
        return abandoned;
    }

    /// Ends the thread after what it has been given; does not wait.
    @Override
    public void close() {
        executor.shutdown();
    }

    /// The time in which one body has the thread.
    public final class Occupation {

        private final String occupant;
        private final Runnable body;
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile @Nullable Thread occupied;

        private Occupation(String occupant, Runnable body) {
            this.occupant = occupant;
            this.body = body;
        }

        /// Runs the body as soon as the thread is free; does not wait. To be called once.
        public void start() {
            executor.execute(this::run);
        }

        private void run() {
            Thread current = Thread.currentThread();
            String before = current.getName();
            current.setName(occupant);
            occupied = current;
            try {
                body.run();
            } finally {
                occupied = null;
                current.setName(before);
                over.countDown();
            }
        }

        /// Ends a [#park], the one under way or the next one. From any thread.
        public void wake() {
            LockSupport.unpark(occupied);
        }

        /// Waits until woken, at most that long; may return early. Called by the body.
        public void park(long nanoseconds) {
            LockSupport.parkNanos(this, nanoseconds);
            // Nobody interrupts on purpose, and a thread that is interrupted cannot park.
            Thread.interrupted();
        }

        /// Waits for the body, which somebody has told to return.
        ///
        /// @return true when it has returned, or is the caller
        public boolean await(Duration deadline) {
            if (occupied == Thread.currentThread()) {
                return true;
            }
            try {
                return over.await(deadline.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return over.getCount() == 0;
            }
        }
    }
}
