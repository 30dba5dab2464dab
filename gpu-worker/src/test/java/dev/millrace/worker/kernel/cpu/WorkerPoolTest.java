package dev.millrace.worker.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {

    private static final long LONG = 1_000_000_000;

    @Test
    void every_unit_is_run_once_and_before_the_call_returns() {
        try (WorkerPool pool = new WorkerPool(4)) {
            for (int call = 0; call < 3000; call++) {
                int units = 1 + call % 50;
                AtomicIntegerArray runs = new AtomicIntegerArray(units);
                pool.run((unit, thread) -> runs.incrementAndGet(unit), units, LONG);
                for (int unit = 0; unit < units; unit++) {
                    assertThat(runs.get(unit)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void helpers_that_went_to_sleep_are_woken() throws InterruptedException {
        try (WorkerPool pool = new WorkerPool(2)) {
            for (int call = 0; call < 5; call++) {
                Thread.sleep(5);
                AtomicIntegerArray runs = new AtomicIntegerArray(2);
                pool.run((unit, thread) -> runs.incrementAndGet(unit), 2, LONG);
                assertThat(runs.get(0) + runs.get(1)).isEqualTo(2);
            }
        }
    }

    @Test
    void one_thread_runs_everything_itself_in_order() {
        try (WorkerPool pool = new WorkerPool(1)) {
            StringBuilder order = new StringBuilder();
            pool.run((unit, thread) -> order.append(unit).append(thread), 3, LONG);
            assertThat(order).hasToString("001020");
        }
    }

    @Test
    void steps_share_the_threads_that_one_alone_has() {
        try (WorkerPool pool = new WorkerPool(2, 8)) {
            assertThat(threadsOf(pool, 1)).isGreaterThan(2);
            assertThat(threadsOf(pool, 4)).isLessThanOrEqualTo(2);
            assertThat(threadsOf(pool, 9)).isLessThanOrEqualTo(2);
            assertThat(threadsOf(pool, 0)).isLessThanOrEqualTo(2);
            assertThat(threadsOf(pool, 1)).isGreaterThan(2);
        }
    }

    /// How many threads took part, once those have settled that may not.
    private static int threadsOf(WorkerPool pool, int stepsInFlight) {
        pool.beginStep(stepsInFlight);
        Set<Integer> threads = ConcurrentHashMap.newKeySet();
        for (int call = 0; call < 20; call++) {
            threads.clear();
            pool.run(
                    (unit, thread) -> {
                        threads.add(thread);
                        LockSupport.parkNanos(200_000);
                    },
                    64,
                    LONG);
        }
        return threads.size();
    }

    @Test
    void a_failure_reaches_the_caller_and_the_pool_goes_on() {
        try (WorkerPool pool = new WorkerPool(3)) {
            assertThatThrownBy(() -> pool.run(
                            (unit, thread) -> {
                                throw new IllegalArgumentException("unit " + unit);
                            },
                            20,
                            LONG))
                    .hasRootCauseInstanceOf(IllegalArgumentException.class);
            AtomicIntegerArray runs = new AtomicIntegerArray(20);
            pool.run((unit, thread) -> runs.incrementAndGet(unit), 20, LONG);
            assertThat(runs.get(19)).isEqualTo(1);
        }
    }

    @Test
    void closing_ends_the_helpers() throws InterruptedException {
        long before = helpers();
        new WorkerPool(3).close();
        for (int wait = 0; wait < 200 && helpers() > before; wait++) {
            Thread.sleep(5);
        }
        assertThat(helpers()).isLessThanOrEqualTo(before);
    }

    private static long helpers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("kernel-"))
                .count();
    }
}
