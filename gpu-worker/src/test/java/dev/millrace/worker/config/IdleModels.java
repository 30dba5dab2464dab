package dev.millrace.worker.config;

import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.model.OneStepModel;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.StepLimits;
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

    private static final class Idle extends OneStepModel {

        private final ModelFacts facts;

        private Idle(ModelFacts facts) {
            this.facts = facts;
        }

        @Override
        public int hiddenSize() {
            return facts.hiddenSize();
        }

        @Override
        public int vocabularySize() {
            return facts.vocabularySize();
        }
    }
}
