package dev.millrace.tokenizer.placement;

import dev.millrace.proto.v1.StageState;
import dev.millrace.proto.v1.StageStatistics;
import dev.millrace.proto.v1.WorkerHello;
import dev.millrace.tokenizer.loop.ServiceLoop;
import dev.millrace.tokenizer.pipeline.PipelineHost;
import io.grpc.Status;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The registered workers: who comes, who reports, who falls silent. Used on the service loop only.
public final class WorkerRoster {
    /// A worker that says nothing for so long is lost.
    static final Duration SILENCE = Duration.ofSeconds(15);

    private static final Duration LOOK_AROUND = Duration.ofSeconds(1);
    private static final Status SHUTTING_DOWN =
            Status.UNAVAILABLE.withDescription("The tokenizer-service is shutting down.");
    private static final Logger LOG = LoggerFactory.getLogger(WorkerRoster.class);

    private final ServiceLoop loop;
    private final HelloCheck check;
    private final Placer placer;
    private final Map<String, Worker> workers = new LinkedHashMap<>();
    private boolean closed;

    /// An empty roster that will form pipelines of the given shape and give them to `host`.
    public WorkerRoster(PipelineShape shape, ServiceLoop loop, PipelineHost host, InstantSource clock) {
        this.loop = loop;
        check = new HelloCheck(shape.modelDigest());
        placer = new Placer(shape, loop, host, clock, workers.values());
    }

    /// Begins to watch for silent workers.
    public void start() {
        loop.after(LOOK_AROUND, this::lookAround);
    }

    /// Sends all workers away, for the end of the service; their pipeline is left first.
    public void close() {
        closed = true;
        placer.close();
        for (Worker worker : workers.values()) {
            worker.connection().close(SHUTTING_DOWN);
        }
        workers.clear();
    }

    /// What placement looks like now.
    public PlacementView view() {
        return PlacementView.of(placer, workers.size());
    }

    /// Takes a worker in, in place of an older one of the same id; empty when it was refused and its stream closed.
    Optional<Worker> register(WorkerHello hello, WorkerConnection connection) {
        if (closed) {
            connection.close(SHUTTING_DOWN);
            return Optional.empty();
        }
        Optional<Status> refusal = check.refusal(hello);
        if (refusal.isPresent()) {
            LOG.warn(
                    "Worker '{}' at {} is refused: {}",
                    hello.getWorkerId(),
                    hello.getAddress(),
                    refusal.get().getDescription());
            connection.close(refusal.get());
            return Optional.empty();
        }
        Worker older = workers.get(hello.getWorkerId());
        if (older != null) {
            older.connection().close(Status.ABORTED.withDescription("A newer stream has the same worker_id."));
            remove(older, "it registered anew");
        }
        Worker worker = new Worker(hello, connection, loop.nanoTime());
        workers.put(worker.id(), worker);
        LOG.info(
                "Worker {} registered: {}, {}, {} bytes available",
                worker.id(),
                worker.address(),
                hello.getDevice(),
                hello.getAvailableMemoryBytes());
        placer.added();
        return Optional.of(worker);
    }

    void state(Worker worker, StageState state) {
        worker.sign(loop.nanoTime());
        if (isRegistered(worker)) {
            placer.state(worker, state);
        }
    }

    void statistics(Worker worker, StageStatistics statistics) {
        worker.sign(loop.nanoTime());
        worker.statistics(statistics);
    }

    /// A worker's stream ended; an older stream of a worker that registered anew is no loss.
    void disconnected(Worker worker, String why) {
        if (isRegistered(worker)) {
            LOG.warn("Worker {} is lost: {}", worker.id(), why);
            remove(worker, why);
        }
    }

    private boolean isRegistered(Worker worker) {
        return workers.get(worker.id()) == worker;
    }

    private void remove(Worker worker, String why) {
        workers.remove(worker.id());
        placer.removed(worker, why);
    }

    private void lookAround() {
        long now = loop.nanoTime();
        for (Worker worker : List.copyOf(workers.values())) {
            if (now - worker.lastSignNanos() > SILENCE.toNanos()) {
                String why = "no sign of life for " + SILENCE.toSeconds() + " seconds";
                worker.connection().close(Status.DEADLINE_EXCEEDED.withDescription(why));
                disconnected(worker, why);
            }
        }
        loop.after(LOOK_AROUND, this::lookAround);
    }
}
