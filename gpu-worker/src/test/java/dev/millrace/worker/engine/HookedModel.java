package dev.millrace.worker.engine;

import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.util.function.Consumer;

/// A model with something that happens before each forward pass.
record HookedModel(StageModel model, Consumer<StepInput> beforeForward) implements StageModel {

    @Override
    public void forward(StepInput input, Activations activations) {
        beforeForward.accept(input);
        model.forward(input, activations);
    }

    @Override
    public void sample(StepInput input, StepOutput output) {
        model.sample(input, output);
    }

    @Override
    public int hiddenSize() {
        return model.hiddenSize();
    }

    @Override
    public int vocabularySize() {
        return model.vocabularySize();
    }

    @Override
    public void close() {
        model.close();
    }
}
