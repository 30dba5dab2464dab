package dev.millrace.worker.config;

import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.model.OneStepModel;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;

/// Stages of the demo model's shape that compute nothing: what a worker does without its kernels.
///
/// @param atStep is run at each step
record IdleModels(ModelFacts facts, Runnable atStep) implements StageModels {

    IdleModels(ModelFacts facts) {
        this(facts, () -> {});
    }

    @Override
    public MemoryUse plan(LayerSpan span, StepLimits limits) {
        return new MemoryUse(0, 0, 0);
    }

    @Override
    public StageModel load(LayerSpan span, StepLimits limits, LoadProgress progress) {
        return new Idle(facts, atStep);
    }

    private static final class Idle extends OneStepModel {

        private final ModelFacts facts;

        private final Runnable atStep;

        private Idle(ModelFacts facts, Runnable atStep) {
            this.facts = facts;
            this.atStep = atStep;
        }

        @Override
        protected void begun(StepInput input) {
            atStep.run();
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
