package dev.millrace.worker.kernel.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Threads that help the calling one. Units are claimed one by one, so a helper that was descheduled holds up nothing
/// but the unit it is at; who computes a unit does not change its result.
///
/// Who has to wait, a helper for work or the caller for the last unit, looks for about as long as waking it would take
/// and then parks: the operations of a step follow each other faster than that, and where processes share the cores, no
/// more is taken from those that have work to do.
final class WorkerPool implements AutoCloseable {

    /// Shorter work is done before a helper could notice it.
    private static final long SHARED_NANOS = 15_000;
    /// Waking a parked helper takes about 50 microseconds.
    private static final long WAKING_NANOS = 100_000;
    /// How long a thread looks before it parks.
    private static final long LOOKING_NANOS = 30_000;
    /// Spins between two looks at the clock.
    private static final int SPINS = 16;

    private final Thread[] helpers;
    /// Number of the task in the upper half, units that nobody has claimed in the lower half.
    private final AtomicLong unclaimed = new AtomicLong();

    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicInteger parkedCount = new AtomicInteger();
    private volatile @Nullable Task task;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;
    /// The caller while it is parked, or about to be.
    private volatile @Nullable Thread waiting;

    private final int threads;
    /// Helpers that may take part; those with higher numbers stay parked.
    private volatile int allowed;
    private int taskNumber;

    /// `threads` threads, the calling one included.
    WorkerPool(int threads) {
        this(threads, threads);
    }

    /// `threads` threads, the calling one included, and up to `threadsAlone` where other stages leave theirs unused.
    WorkerPool(int threads, int threadsAlone) {
        this.threads = threads;
        helpers = new Thread[Math.max(threads, threadsAlone) - 1];
        allowed = helpers.length;
        for (int i = 0; i < helpers.length; i++) {
            int number = i + 1;
            helpers[i] = Thread.ofPlatform().daemon().name("kernel-" + number).start(() -> help(number));
        }
    }

    /// The most there are, the calling one included.
    int threads() {
        return helpers.length + 1;
    }

    /// A step begins while so many are under way in the pipeline (0: not known): they share the threads that one alone
    /// would have, and no step gets fewer than its stage's own.
    void beginStep(int stepsInFlight) {
        int share = stepsInFlight == 0 ? threads : Math.max(threads, threads() / stepsInFlight);
        if (share - 1 != allowed) {
            allowed = share - 1;
        }
    }

    /// Runs all units and returns when they are done. `nanos` is how long one thread would take, roughly.
    void run(Task work, int units, long nanos) {
        int most = allowed;
        if (most == 0 || units < 2 || nanos < SHARED_NANOS) {
            for (int unit = 0; unit < units; unit++) {
                work.run(unit, 0);
            }
            return;
        }
        task = work;
        unfinished.set(units);
        unclaimed.set((long) ++taskNumber << Integer.SIZE | units);
        if (nanos >= WAKING_NANOS && parkedCount.get() > helpers.length - most) {
            wake(most);
        }
        drain(0);
        awaitUnits();
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw new IllegalStateException("a kernel failed", thrown);
        }
    }

    private void awaitUnits() {
        long until = System.nanoTime() + LOOKING_NANOS;
        while (unfinished.get() > 0) {
            if (!isFinishedSoon(until)) {
                waiting = Thread.currentThread();
                if (unfinished.get() > 0) {
                    LockSupport.park(this);
                }
                waiting = null;
            }
        }
    }

    private boolean isFinishedSoon(long until) {
        do {
            for (int spins = 0; spins < SPINS; spins++) {
                if (unfinished.get() == 0) {
                    return true;
                }
                Thread.onSpinWait();
            }
        } while (System.nanoTime() < until);
        return false;
    }

    private void wake(int count) {
        for (int i = 0; i < count; i++) {
            LockSupport.unpark(helpers[i]);
        }
    }

    private void help(int number) {
        while (!closed) {
            if (number > allowed || !isWorkSoon()) {
                park(number);
            } else {
                drain(number);
            }
        }
    }

    private boolean isWorkSoon() {
        long until = System.nanoTime() + LOOKING_NANOS;
        do {
            for (int spins = 0; spins < SPINS; spins++) {
                if ((int) unclaimed.get() > 0) {
                    return true;
                }
                Thread.onSpinWait();
            }
        } while (System.nanoTime() < until);
        return false;
    }

    private void park(int number) {
        parkedCount.incrementAndGet();
        if (!closed && (number > allowed || (int) unclaimed.get() == 0)) {
            LockSupport.park(this);
        }
        parkedCount.decrementAndGet();
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
            if (unfinished.decrementAndGet() == 0) {
                Thread caller = waiting;
                if (caller != null) {
                    LockSupport.unpark(caller);
                }
            }
        }
    }

    /// Ends the helpers.
    @Override
    public void close() {
        closed = true;
        wake(helpers.length);
    }
}
