package dev.millrace.tokenizer.config;

import dev.millrace.tokenizer.generation.GenerationService;
import dev.millrace.tokenizer.loop.ServiceLoop;
import dev.millrace.tokenizer.placement.WorkerRoster;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;

/// Lets running requests come to their end before the gRPC server stops, for a bounded time, and then sends the workers
/// away, so that nothing keeps the server waiting.
final class GracefulEnd implements ApplicationListener<ContextClosedEvent> {
    private final GenerationService generation;
    private final WorkerRoster roster;
    private final ServiceLoop loop;
    private final Duration patience;

    GracefulEnd(GenerationService generation, WorkerRoster roster, ServiceLoop loop, Duration patience) {
        this.generation = generation;
        this.roster = roster;
        this.loop = loop;
        this.patience = patience;
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        try {
            generation.drain(patience);
            CountDownLatch closed = new CountDownLatch(1);
            loop.execute(() -> {
                roster.close();
                closed.countDown();
            });
            closed.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
