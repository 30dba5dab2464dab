package dev.millrace.worker.config;

import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.step.StepOutput;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;

/// Stages of the demo model's shape that compute nothing: what a worker does without its kernels.
record IdleModels(ModelFacts facts) implements StageModels {

    @Override
    public MemoryUse plan(LayerSpan span, StepLimits limits) {
        return new MemoryUse(0, 0, 0);
    }

    @Override
    public StageModel load(LayerSpan span, StepLimits limits, LoadProgress progress) {
        return new Idle(facts);
    }

    private record Idle(ModelFacts facts) implements StageModel {

        @Override
        public void forward(StepInput input, Activations activations) {}

        @Override
        public void sample(StepInput input, StepOutput output) {
            for (int n = 0; n < input.sampleCount(); n++) {
                int token = (input.tokenId(input.sampleToken(n)) + 1) % vocabularySize();
                output.add(input.sampleSequence(n), token, Float.NaN);
            }
        }

        @Override
        public int hiddenSize() {
            return facts.hiddenSize();
        }

        @Override
        public int vocabularySize() {
            return facts.vocabularySize();
        }

        @Override
        public void close() {}
    }
}
