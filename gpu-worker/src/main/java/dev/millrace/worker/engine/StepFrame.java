package dev.millrace.worker.engine;

import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;

/// A step as it goes from stage to stage.
record StepFrame(StepInput input, Activations activations) {

    /// Bytes that a hand-over of this step moves.
    static long bytes(StepInput input, Activations activations) {
        return input.bytes().byteSize() + 4L * input.tokenCount() * activations.hiddenSize();
    }

    /// Has the model sample what the step asks for, if anything.
    static void sample(StageModel model, StepInput input, StepOutput output) {
        output.begin(input.epoch(), input.step());
        if (input.sampleCount() > 0) {
            model.sample(input, output);
        }
    }
}
