package dev.millrace.worker.config;

import dev.millrace.worker.grpc.link.FrameLimits;
import dev.millrace.worker.grpc.placement.StageAssignment;
import dev.millrace.worker.grpc.placement.StageOrders;
import dev.millrace.worker.grpc.placement.StagePhase;
import dev.millrace.worker.grpc.placement.StageReport;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out orders, one after another on a thread of its own: ends the stage of the old epoch, loads what the new
/// one needs, links it up, and reports. Nothing waits for neighbours here, so a newer order takes effect at once or,
/// at the latest, when the model is loaded.
final class StageHost implements StageOrders, StageEvents, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StageHost.class);

    private static final Duration STEP_DEADLINE = Duration.ofSeconds(10);
    private static final Duration SHUTDOWN_DEADLINE = Duration.ofSeconds(1);

    private final StageWiring wiring;
    private final ModelShelf shelf;
    private final Consumer<StageReport> reports;
    private final Runnable afterFailure;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("stage-host").daemon().factory());
    /// Counts orders as they come in, so that one that was overtaken is passed over.
    private final AtomicLong orders = new AtomicLong();

    private @Nullable HostedStage hosted;
    private Optional<ModelShelf.Entry> loaded = Optional.empty();

    /// @param afterFailure is run when a stage has ended by an error and that is reported
    StageHost(StageWiring wiring, ModelShelf shelf, Consumer<StageReport> reports, Runnable afterFailure) {
        this.wiring = wiring;
        this.afterFailure = afterFailure;
        this.shelf = shelf;
        this.reports = reports;
    }

    @Override
    public void assign(StageAssignment assignment) {
        long order = orders.incrementAndGet();
        onThread(() -> host(assignment, order));
    }

    @Override
    public void release(long epoch) {
        onThread(() -> {
            if (hosted != null && hosted.assignment().epoch() == epoch) {
                log.info("Epoch {} is over", epoch);
                end(STEP_DEADLINE);
            }
        });
    }

    @Override
    public void disconnected() {
        orders.incrementAndGet();
        onThread(() -> end(STEP_DEADLINE));
    }

    private void host(StageAssignment assignment, long order) {
        end(STEP_DEADLINE);
        if (orders.get() != order) {
            return;
        }
        String what = "stage " + assignment.settings().stage() + " of "
                + assignment.settings().stageCount() + ", layers " + assignment.firstLayer() + ".."
                + (assignment.endLayer() - 1);
        log.info("Epoch {}: {}", assignment.epoch(), what);
        report(assignment, StagePhase.LOADING, "loading " + what, Optional.empty());
        try {
            StepLimits limits = assignment.settings().limits(wiring.model().vocabularySize());
            LayerSpan span = span(assignment);
            FrameLimits frames = frames(limits);
            HostedStage stage = new HostedStage(assignment, wiring, frames, this);
            hosted = stage;
            ModelShelf.Entry entry = shelf.take(span, limits, progress(assignment));
            loaded = Optional.of(entry);
            if (orders.get() == order) {
                stage.start(entry.model());
            }
        } catch (StageRefusedException e) {
            fail(assignment, e.reason());
        } catch (RuntimeException | Error e) { // A library that does not link, a file whose pages cannot be read.
            log.error("Epoch {} cannot be set up", assignment.epoch(), e);
            fail(assignment, "the stage cannot be set up: " + e);
        }
    }

    private LayerSpan span(StageAssignment assignment) throws StageRefusedException {
        int layers = wiring.model().layers();
        boolean whole = (assignment.settings().stage() == 0) == (assignment.firstLayer() == 0)
                && assignment.settings().isLast() == (assignment.endLayer() == layers);
        try {
            if (whole) {
                return new LayerSpan(assignment.firstLayer(), assignment.layerCount(), layers);
            }
        } catch (IllegalArgumentException e) {
            throw new StageRefusedException(String.valueOf(e.getMessage()));
        }
        throw new StageRefusedException("stage " + assignment.settings().stage() + " of "
                + assignment.settings().stageCount() + " cannot have layers " + assignment.firstLayer() + ".."
                + (assignment.endLayer() - 1) + " of a model with " + layers);
    }

    private FrameLimits frames(StepLimits limits) throws StageRefusedException {
        FrameLimits frames = FrameLimits.of(limits, wiring.model().hiddenSize());
        if (frames.frameBytes() > wiring.maxFrameBytes()) {
            throw new StageRefusedException("a step of " + limits.maxTokens() + " tokens takes messages of "
                    + ByteSize.of(frames.frameBytes()) + ", this worker takes "
                    + ByteSize.of(wiring.maxFrameBytes()) + "; lower the token budget");
        }
        return frames;
    }

    /// Reports each tenth.
    private LoadProgress progress(StageAssignment assignment) {
        AtomicLong tenths = new AtomicLong();
        return (loadedBytes, totalBytes) -> {
            long now = totalBytes == 0 ? 10 : 10 * loadedBytes / totalBytes;
            if (now > tenths.getAndSet(now)) {
                report(
                        assignment,
                        StagePhase.LOADING,
                        "loaded " + ByteSize.of(loadedBytes) + " of " + ByteSize.of(totalBytes),
                        Optional.empty());
            }
        };
    }

    @Override
    public void linked(HostedStage stage) {
        whileHosted(stage, () -> {
            stage.serve();
            log.info("Epoch {}: ready", stage.assignment().epoch());
            report(stage.assignment(), StagePhase.READY, "", loaded);
            shelf.settle();
        });
    }

    @Override
    public void failed(HostedStage stage, String reason) {
        whileHosted(stage, () -> fail(stage.assignment(), reason));
    }

    @Override
    public void lost(HostedStage stage, String reason) {
        whileHosted(stage, () -> {
            log.warn("Epoch {} ends: {}", stage.assignment().epoch(), reason);
            end(STEP_DEADLINE);
            report(stage.assignment(), StagePhase.LINK_LOST, reason, Optional.empty());
            afterFailure.run();
        });
    }

    private void fail(StageAssignment assignment, String reason) {
        log.error("Epoch {}: {}", assignment.epoch(), reason);
        end(STEP_DEADLINE);
        report(assignment, StagePhase.FAILED, reason, Optional.empty());
        afterFailure.run();
    }

    private void report(
            StageAssignment assignment, StagePhase phase, String message, Optional<ModelShelf.Entry> entry) {
        reports.accept(new StageReport(assignment.epoch(), phase, message, entry.map(ModelShelf.Entry::memory)));
    }

    /// Ends the stage of the present epoch; its model stays loaded.
    private void end(Duration deadline) {
        HostedStage old = hosted;
        if (old == null) {
            return;
        }
        hosted = null;
        loaded = Optional.empty();
        if (!old.close(deadline)) {
            log.error(
                    "Epoch {}: its last step does not end; its memory cannot be freed",
                    old.assignment().epoch());
            shelf.abandon();
        }
        // Buffers of steps and frames lie outside of the heap: the collector frees them, and would not run for them.
        System.gc();
    }

    private void whileHosted(HostedStage stage, Runnable task) {
        onThread(() -> {
            if (hosted == stage) {
                task.run();
            }
        });
    }

    private void onThread(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("The worker is closed: {}", e.getMessage());
        }
    }

    /// Ends the stage and frees the model, within a second or two.
    @Override
    public void close() {
        orders.incrementAndGet();
        onThread(() -> {
            end(SHUTDOWN_DEADLINE);
            shelf.close();
        });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(2 * SHUTDOWN_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("The stage is still being set up; it is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
