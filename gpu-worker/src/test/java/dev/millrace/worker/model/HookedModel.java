package dev.millrace.worker.model;

import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import java.util.function.Consumer;

/// A model with something that happens before each step is started, and when steps are dropped.
public record HookedModel(StageModel model, Consumer<StepInput> beforeStart, Runnable beforeDrop)
        implements StageModel {

    public HookedModel(StageModel model, Consumer<StepInput> beforeStart) {
        this(model, beforeStart, () -> {});
    }

    @Override
    public DeviceThread thread() {
        return model.thread();
    }

    @Override
    public int depth() {
        return model.depth();
    }

    @Override
    public void start(StepInput input, Activations activations) {
        beforeStart.accept(input);
        model.start(input, activations);
    }

    @Override
    public boolean isOver() {
        return model.isOver();
    }

    @Override
    public void finish(Activations activations) {
        model.finish(activations);
    }

    @Override
    public void finish(StepOutput output) {
        model.finish(output);
    }

    @Override
    public void drop() {
        beforeDrop.run();
        model.drop();
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
