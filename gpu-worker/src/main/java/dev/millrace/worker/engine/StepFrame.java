package dev.millrace.worker.engine;

import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;

/// A step as it goes from stage to stage.
record StepFrame(StepInput input, Activations activations) {

    /// Bytes that a hand-over of this step moves.
    static long bytes(StepInput input, Activations activations) {
        return input.bytes().byteSize() + 4L * input.tokenCount() * activations.hiddenSize();
    }
}
