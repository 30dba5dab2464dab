package dev.millrace.tokenizer.support;

import dev.millrace.tokenizer.loop.ServiceLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A service loop that runs when a test says so, with a clock that stands still otherwise.
public final class ManualLoop implements ServiceLoop {
    private static final class Delayed implements Timer {
        private final long dueNanos;
        private final Runnable task;
        private boolean cancelled;

        private Delayed(long dueNanos, Runnable task) {
            this.dueNanos = dueNanos;
            this.task = task;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final List<Delayed> timers = new ArrayList<>();
    private long nowNanos = 1_000_000;

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        Delayed timer = new Delayed(nowNanos + delay.toNanos(), task);
        timers.add(timer);
        return timer;
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    /// Runs everything that waits now, and what that leads to.
    public void run() {
        Runnable task;
        while ((task = tasks.poll()) != null) {
            task.run();
        }
    }

    /// Runs a task on the loop, and what it leads to.
    public void run(Runnable task) {
        run();
        task.run();
        run();
    }

    /// Moves the clock on, running timers in their order.
    public void advance(Duration time) {
        long end = nowNanos + time.toNanos();
        run();
        Delayed next;
        while ((next = nextDue(end)) != null) {
            timers.remove(next);
            nowNanos = Math.max(nowNanos, next.dueNanos);
            next.task.run();
            run();
        }
        nowNanos = end;
    }

    /// Runs tasks that other threads add until the condition holds; fails after half a minute.
    public void runUntil(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        try {
            while (!condition.getAsBoolean()) {
                Runnable task = tasks.poll(20, TimeUnit.MILLISECONDS);
                if (task != null) {
                    task.run();
                } else if (System.nanoTime() > end) {
                    throw new AssertionError("the condition did not come true");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        run();
    }

    private @Nullable Delayed nextDue(long end) {
        timers.removeIf(timer -> timer.cancelled);
        return timers.stream()
                .filter(timer -> timer.dueNanos <= end)
                .min(Comparator.comparingLong(timer -> timer.dueNanos))
                .orElse(null);
    }
}
