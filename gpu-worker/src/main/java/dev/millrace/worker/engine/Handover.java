package dev.millrace.worker.engine;

import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.RowSlot;
import dev.millrace.worker.step.StepInput;
import org.jspecify.annotations.Nullable;

/// The way to the next stage.
public interface Handover {

    /// Where the rows of the step that is handed over next are best put: `own`, unless the way has memory that the next
    /// stage reads, too. To be asked before the rows are written; what it gives goes to [#forward].
    default Activations place(Activations own) {
        return own;
    }

    /// Where the rows of the step that is begun next go on the next stage's device, if they go there directly: then the
    /// step is handed over by [#forward(StepInput, RowSlot)]. Null: they do not.
    default @Nullable RowSlot slot() {
        return null;
    }

    /// Hands over a step that is begun, whose rows go to what [#slot] gave; otherwise as [#forward].
    default void forward(StepInput input, RowSlot rows) {
        throw new UnsupportedOperationException("this way has no slots");
    }

    /// Hands a computed step over: the bytes of `input` and the first `input.tokenCount()` rows of `activations`
    /// `[T, H] f32`. Both are read during this call only and never changed, unless [#place] gave the activations: the
    /// caller reuses its own as soon as it returns. Called by the engine thread, so it never waits for the neighbour:
    /// no more than `stageCount + 1` steps
    /// are on their way at any time, for which there has to be room. An exception ends the epoch.
    void forward(StepInput input, Activations activations);
}
