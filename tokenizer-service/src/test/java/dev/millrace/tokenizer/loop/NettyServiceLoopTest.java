package dev.millrace.tokenizer.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NettyServiceLoopTest {
    @Test
    void tasks_run_in_order_on_one_thread_and_a_failing_one_does_no_harm() throws InterruptedException {
        BlockingQueue<String> ran = new LinkedBlockingQueue<>();
        try (NettyServiceLoop loop = new NettyServiceLoop("test-loop")) {
            loop.execute(() -> ran.add("first on " + Thread.currentThread().getName()));
            loop.execute(() -> {
                throw new IllegalStateException("a mistake made on purpose");
            });
            loop.execute(() -> ran.add("second"));

            assertThat(ran.poll(30, TimeUnit.SECONDS)).startsWith("first on test-loop");
            assertThat(ran.poll(30, TimeUnit.SECONDS)).isEqualTo("second");
        }
    }

    @Test
    void a_timer_runs_unless_it_is_cancelled() throws InterruptedException {
        BlockingQueue<String> ran = new LinkedBlockingQueue<>();
        try (NettyServiceLoop loop = new NettyServiceLoop("test-loop")) {
            CompletableFuture<Void> gate = new CompletableFuture<>();
            loop.execute(gate::join);
            loop.after(Duration.ofMillis(1), () -> ran.add("cancelled")).cancel();
            loop.after(Duration.ofMillis(2), () -> ran.add("timer"));
            gate.complete(null);

            assertThat(ran.poll(30, TimeUnit.SECONDS)).isEqualTo("timer");
        }
    }

    @Test
    void tasks_after_the_end_are_dropped() {
        BlockingQueue<String> ran = new LinkedBlockingQueue<>();
        NettyServiceLoop loop = new NettyServiceLoop("test-loop");
        loop.close();
        loop.execute(() -> ran.add("late"));
        loop.after(Duration.ZERO, () -> ran.add("late"));

        assertThat(ran).isEmpty();
    }
}
