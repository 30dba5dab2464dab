package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.step.StepInput;

/// The steps that are begun and not taken yet, in their order, each with a slot of its own.
final class StepQueue {

    private final StepSlot[] slots;
    private int oldest;
    private int begun;

    /// @param depth steps that may be begun at once
    StepQueue(CudaStage stage, int depth) {
        slots = new StepSlot[depth];
        for (int i = 0; i < depth; i++) {
            slots[i] = new StepSlot(stage);
        }
    }

    /// @throws IllegalStateException when there is no slot left
    StepSlot begin(StepInput input) {
        if (begun == slots.length) {
            throw new IllegalStateException("%d steps are begun and none is taken".formatted(begun));
        }
        begun++;
        StepSlot slot = latest();
        slot.take(input);
        return slot;
    }

    /// The step that was begun last.
    StepSlot latest() {
        return slots[(oldest + begun + slots.length - 1) % slots.length];
    }

    /// Rows of that kind of the step that was begun last.
    int rows(Rows kind) {
        StepInput input = latest().input();
        return kind == Rows.TOKENS ? input.tokenCount() : input.sampleCount();
    }

    /// Whether the oldest step can be taken without waiting.
    boolean isOver() {
        return begun > 0 && slots[oldest].isOver();
    }

    /// The oldest step, whose result is there; its slot is free for the step that is begun next.
    StepSlot take() {
        if (begun == 0) {
            throw new IllegalStateException("no step is begun");
        }
        StepSlot slot = slots[oldest];
        slot.await();
        oldest = (oldest + 1) % slots.length;
        begun--;
        return slot;
    }

    /// Forgets them all.
    void forget() {
        begun = 0;
        oldest = 0;
    }
}
