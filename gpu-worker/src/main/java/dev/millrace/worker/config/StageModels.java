package dev.millrace.worker.config;

import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;
import java.io.IOException;

/// Makes stages of the worker's one model. Its own exceptions name the file and what is wrong with it.
interface StageModels {

    /// What is known of the model.
    ModelFacts facts();

    /// What [#load] will take.
    MemoryUse plan(LayerSpan span, StepLimits limits) throws IOException;

    /// Puts the layers on the device.
    StageModel load(LayerSpan span, StepLimits limits, LoadProgress progress) throws IOException;
}
