package dev.millrace.worker.model;

import static java.util.Objects.requireNonNull;

import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import org.jspecify.annotations.Nullable;

/// A model for tests that takes one step at a time, and as little as possible.
public abstract class OneStepModel implements StageModel {

    private final DeviceThread thread = new DeviceThread("test-device");
    private @Nullable StepInput started;

    /// Is told of each step.
    protected void begun(StepInput input) {}

    /// Adds the tokens that `input` asks for.
    protected void sample(StepInput input, StepOutput output) {
        for (int n = 0; n < input.sampleCount(); n++) {
            int token = (input.tokenId(input.sampleToken(n)) + 1) % vocabularySize();
            output.add(input.sampleSequence(n), token, Float.NaN);
        }
    }

    @Override
    public DeviceThread thread() {
        return thread;
    }

    @Override
    public int depth() {
        return 1;
    }

    @Override
    public void start(StepInput input, Activations activations) {
        started = input;
        begun(input);
    }

    @Override
    public boolean isOver() {
        return true;
    }

    @Override
    public void finish(Activations activations) {}

    @Override
    public void finish(StepOutput output) {
        StepInput input = requireNonNull(started);
        output.begin(input.epoch(), input.step());
        sample(input, output);
    }

    @Override
    public void drop() {}

    @Override
    public void close() {
        thread.close();
    }
}
