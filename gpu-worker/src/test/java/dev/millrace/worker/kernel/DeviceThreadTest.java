package dev.millrace.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeviceThreadTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final DeviceThread thread = new DeviceThread("device-test");

    @AfterEach
    void close() {
        thread.close();
    }

    @Test
    void everything_runs_on_one_thread() {
        Thread first = thread.call(Thread::currentThread);
        AtomicReference<Thread> second = new AtomicReference<>(Thread.currentThread());
        DeviceThread.Occupation occupation =
                thread.occupation("engine-test", () -> second.set(thread.call(Thread::currentThread)));
        occupation.start();

        assertThat(occupation.await(LONG)).isTrue();
        assertThat(second.get()).isSameAs(first).isSameAs(thread.call(Thread::currentThread));
        assertThat(first.getName()).isEqualTo("device-test");
        assertThat(first.isDaemon()).isTrue();
    }

    @Test
    void what_a_task_throws_comes_to_the_caller() {
        OutOfMemoryError error = new OutOfMemoryError("none left");

        assertThatThrownBy(() -> thread.run(() -> {
                    throw error;
                }))
                .isSameAs(error);
        assertThatThrownBy(() -> thread.call(() -> Integer.parseInt("seven")))
                .isInstanceOf(NumberFormatException.class);
        assertThat(thread.call(() -> 7)).isEqualTo(7);
    }

    @Test
    void who_has_a_deadline_does_not_wait_for_what_never_returns() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        DeviceThread.Occupation occupation = thread.occupation("engine-test", () -> {
            begun.countDown();
            awaitQuietly(released);
        });
        occupation.start();
        begun.await();

        assertThat(thread.call(() -> 7, Duration.ofMillis(1))).isEmpty();
        released.countDown();
        assertThat(thread.call(() -> 7, LONG)).contains(7);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void an_occupant_has_its_name_and_is_woken() {
        CountDownLatch parked = new CountDownLatch(1);
        AtomicReference<String> name = new AtomicReference<>("");
        AtomicReference<DeviceThread.Occupation> own = new AtomicReference<>();
        DeviceThread.Occupation occupation = thread.occupation("engine-test", () -> {
            name.set(Thread.currentThread().getName());
            parked.countDown();
            own.get().park(LONG.multipliedBy(10).toNanos());
        });
        own.set(occupation);
        occupation.start();
        assertThat(occupation.await(Duration.ZERO)).isFalse();
        awaitUninterrupted(parked);
        occupation.wake();

        assertThat(occupation.await(LONG)).isTrue();
        assertThat(name.get()).isEqualTo("engine-test");
    }

    @Test
    void who_does_not_come_back_is_left_behind() {
        CountDownLatch forever = new CountDownLatch(1);
        DeviceThread.Occupation stuck = thread.occupation("stuck", () -> awaitUninterrupted(forever));
        stuck.start();
        AtomicInteger ran = new AtomicInteger();
        thread.abandon();
        thread.run(ran::incrementAndGet);

        assertThat(ran).hasValue(1);
        assertThat(stuck.await(Duration.ZERO)).isFalse();
        forever.countDown();
        assertThat(stuck.await(LONG)).isTrue();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
