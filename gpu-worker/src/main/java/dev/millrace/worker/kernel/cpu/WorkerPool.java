package dev.millrace.worker.kernel.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Threads that help the calling one. Units are claimed one by one, so a helper that was descheduled holds up nothing
/// but the unit it is at; who computes a unit does not change its result.
final class WorkerPool implements AutoCloseable {

    /// Shorter work is done before a helper could notice it.
    private static final long SHARED_NANOS = 15_000;
    /// Waking a parked helper takes about 50 microseconds.
    private static final long WAKING_NANOS = 100_000;
    /// A helper looks for new work for about ten microseconds before it parks: processes share the cores.
    private static final int SPINS = 200;

    private final Thread[] helpers;
    /// Number of the task in the upper half, units that nobody has claimed in the lower half.
    private final AtomicLong unclaimed = new AtomicLong();

    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicInteger parkedCount = new AtomicInteger();
    private volatile @Nullable Task task;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;
    private int taskNumber;

    /// Starts `threads - 1` helpers.
    WorkerPool(int threads) {
        helpers = new Thread[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            int number = i + 1;
            helpers[i] = Thread.ofPlatform().daemon().name("kernel-" + number).start(() -> help(number));
        }
    }

    /// The calling thread included.
    int threads() {
        return helpers.length + 1;
    }

    /// Runs all units and returns when they are done. `nanos` is how long one thread would take, roughly.
    void run(Task work, int units, long nanos) {
        if (helpers.length == 0 || units < 2 || nanos < SHARED_NANOS) {
            for (int unit = 0; unit < units; unit++) {
                work.run(unit, 0);
            }
            return;
        }
        task = work;
        unfinished.set(units);
        unclaimed.set((long) ++taskNumber << Integer.SIZE | units);
        if (nanos >= WAKING_NANOS && parkedCount.get() > 0) {
            wake();
        }
        drain(0);
        for (int spins = 0; unfinished.get() > 0; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw new IllegalStateException("a kernel failed", thrown);
        }
    }

    private void wake() {
        for (Thread helper : helpers) {
            LockSupport.unpark(helper);
        }
    }

    private void help(int number) {
        int spins = 0;
        while (!closed) {
            if ((int) unclaimed.get() > 0) {
                drain(number);
                spins = 0;
            } else if (spins < SPINS) {
                spins++;
                Thread.onSpinWait();
            } else {
                parkedCount.incrementAndGet();
                if ((int) unclaimed.get() == 0 && !closed) {
                    LockSupport.park(this);
                }
                parkedCount.decrementAndGet();
                spins = 0;
            }
        }
    }

    private void drain(int thread) {
        while (true) {
            long seen = unclaimed.get();
            int left = (int) seen;
            if (left == 0) {
                return;
            }
            if (unclaimed.compareAndSet(seen, seen - 1)) {
                // The claimed unit is unfinished, so the task cannot be replaced before it is done.
                runUnit(left - 1, thread);
            }
        }
    }

    private void runUnit(int unit, int thread) {
        try {
            Task work = task;
            if (work != null) {
                work.run(unit, thread);
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        } finally {
            unfinished.decrementAndGet();
        }
    }

    /// Ends the helpers.
    @Override
    public void close() {
        closed = true;
        wake();
    }
}
