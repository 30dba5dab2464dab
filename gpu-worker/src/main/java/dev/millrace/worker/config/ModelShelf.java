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
    record Entry(LayerSpan span, StepLimits limits, StageModel model, StageMemory memory) {}

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
        if (entry != null && entry.span.equals(span) && entry.limits.equals(limits)) {
            return entry;
        }
        close();
        try {
            MemoryUse plan = models.plan(span, limits);
            budget.check(plan);
            boolean plenty = budget.isPlenty(plan, span);
            long residentBefore = budget.system().residentBytes();
            heldBefore = budget.system().heldBytes();
            StageModel model = models.load(span, limits, progress);
            if (!plenty) {
                // A machine without the memory says so before the stage is ready.
                Settling.takeAll(model);
            }
            long measured = Math.max(0, budget.system().residentBytes() - residentBefore);
            StageMemory memory = new StageMemory(plan.weightBytes(), plan.kvBytes(), plan.scratchBytes(), measured);
            Entry taken = new Entry(span, limits, model, memory);
            entry = taken;
            countHeld(taken);
            return taken;
        } catch (IOException | UncheckedIOException | GgufException | UnusableModelException | OutOfMemoryError e) {
            throw new StageRefusedException("the stage cannot be loaded: " + e.getMessage());
        }
    }

    /// To be called when the stage serves: takes what it has only reserved, by and by.
    void settle() {
        Entry settling = entry;
        if (settling != null && settling != settled) {
            settled = settling;
            Settling.start(settling.model, () -> countHeld(settling));
        }
    }

    private void countHeld(Entry counted) {
        if (entry == counted) {
            heldBytes = Math.max(0, budget.system().heldBytes() - heldBefore);
        }
    }

    /// Forgets the stage without freeing it: a thread may still be computing in it.
    void abandon() {
        entry = null;
        settled = null;
        heldBytes = 0;
    }

    @Override
    public void close() {
        Entry old = entry;
        abandon();
        if (old != null) {
            old.model.close();
        }
    }
}
