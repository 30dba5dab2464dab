package dev.millrace.worker.engine;

import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.HeldRows;
import dev.millrace.worker.step.StepInput;
import org.jspecify.annotations.Nullable;

/// A step as it goes from stage to stage. Used by one thread at a time.
final class StepFrame {

    private final StepInput input;
    private final Activations own;
    private @Nullable HeldRows held;

    StepFrame(StepInput input, Activations own) {
        this.input = input;
        this.own = own;
    }

    StepInput input() {
        return input;
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
