package dev.millrace.worker.config;

import dev.millrace.gguf.GgufException;
import dev.millrace.worker.grpc.placement.StageMemory;
import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;
import dev.millrace.worker.weights.UnusableModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// The one stage that is loaded, kept from epoch to epoch for as long as the same layers with the same limits are asked
/// for. Its KV blocks keep what was in them; a new epoch writes each slot before it reads it. Used by one thread.
final class ModelShelf implements AutoCloseable {

    private final StageModels models;
    private final MemoryBudget budget;
    private volatile @Nullable Entry entry;
    private @Nullable Entry settled;
    private volatile long heldBefore;
    private volatile long heldBytes;

    /// A loaded stage and what it takes.
    record Entry(LayerSpan span, StepLimits limits, StageModel model, MemoryUse plan, long measuredBytes) {

        StageMemory memory() {
            return new StageMemory(plan.weightBytes(), plan.kvBytes(), plan.scratchBytes(), measuredBytes);
        }
    }

    ModelShelf(StageModels models, MemoryBudget budget) {
        this.models = models;
        this.budget = budget;
    }

    /// Memory that a stage may take, in bytes; from any thread.
    long availableBytes() {
        return budget.availableBytes(heldBytes);
    }

    /// Gives the stage, loaded before or now.
    ///
    /// @throws StageRefusedException when it does not fit or the file is not usable
    Entry take(LayerSpan span, StepLimits limits, LoadProgress progress) throws StageRefusedException {
        Entry kept = entry;
        if (kept != null && kept.span.equals(span) && kept.limits.equals(limits) && !kept.model.isBroken()) {
            return kept;
        }
        close();
        try {
            MemoryUse plan = models.plan(span, limits);
            budget.check(plan);
            boolean plenty = budget.isPlenty(plan, span);
            MemorySource.Watch watch = budget.source().watch();
            heldBefore = budget.source().heldBytes();
            StageModel model = models.load(span, limits, progress);
            if (!plenty) {
                // A machine without the memory says so before the stage is ready.
                Settling.takeAll(model);
            }
            Entry taken = new Entry(span, limits, model, plan, watch.takenBytes(plan));
            entry = taken;
            countHeld(taken);
            return taken;
        } catch (IOException | UncheckedIOException | GgufException | UnusableModelException e) {
            throw refused(e, "");
        } catch (RuntimeException | OutOfMemoryError e) {
            if (!budget.source().isExhaustedBy(e)) {
                throw e;
            }
            throw refused(e, budget.source().situation());
        }
    }

    private static StageRefusedException refused(Throwable cause, String situation) {
        return new StageRefusedException("the stage cannot be loaded: " + cause.getMessage() + situation);
    }

    /// To be called when the stage serves: takes what it has only reserved, by and by.
    void settle() {
        Entry settling = entry;
        if (settling != null && settling != settled && !budget.source().isTakenAtOnce()) {
            settled = settling;
            Settling.start(settling.model, () -> countHeld(settling));
        }
    }

    private void countHeld(Entry counted) {
        if (entry == counted) {
            heldBytes = budget.source().isTakenAtOnce()
                    ? counted.plan.totalBytes()
                    : Math.max(0, budget.source().heldBytes() - heldBefore);
        }
    }

    /// Forgets the stage without freeing it: the device's thread is still computing in it.
    void abandon() {
        Entry old = entry;
        if (old != null) {
            old.model.thread().abandon();
        }
        forget();
    }

    private void forget() {
        entry = null;
        settled = null;
        heldBytes = 0;
    }

    @Override
    public void close() {
        Entry old = entry;
        forget();
        if (old != null) {
            old.model.thread().run(old.model::close);
        }
    }
}
