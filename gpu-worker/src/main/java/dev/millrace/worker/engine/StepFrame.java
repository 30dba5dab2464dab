package dev.millrace.worker.engine;

import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.HeldRows;
import dev.millrace.worker.step.RowSlot;
import dev.millrace.worker.step.StepInput;
import org.jspecify.annotations.Nullable;

/// A step as it goes from stage to stage. Used by one thread at a time.
final class StepFrame {

    private final StepInput input;
    private final Activations own;
    private @Nullable HeldRows held;
    private @Nullable RowSlot from;
    private @Nullable RowSlot to;

    StepFrame(StepInput input, Activations own) {
        this.input = input;
        this.own = own;
    }

    StepInput input() {
        return input;
    }

    /// The step's rows are, or will be, in that slot of this stage's device.
    void comesFrom(RowSlot slot) {
        from = slot;
    }

    /// Where the rows come from, if not from [#rows]; once.
    @Nullable
    RowSlot takeFrom() {
        RowSlot slot = from;
        from = null;
        return slot;
    }

    /// Where the rows go on another device; null: not to one.
    void goesTo(@Nullable RowSlot slot) {
        to = slot;
    }

    @Nullable
    RowSlot to() {
        return to;
    }

    /// Room for the step's rows that is this stage's.
    Activations own() {
        return own;
    }

    /// The step's rows are there, until [#release].
    void hold(HeldRows rows) {
        held = rows;
    }

    /// The rows that came with the step.
    Activations rows() {
        return held == null ? own : held.rows();
    }

    /// The rows that came are not needed any more.
    void release() {
        HeldRows read = held;
        if (read != null) {
            held = null;
            read.release();
        }
    }

    /// Bytes that a hand-over of this step moves.
    long bytes() {
        return input.bytes().byteSize() + 4L * input.tokenCount() * own.hiddenSize();
    }
}
