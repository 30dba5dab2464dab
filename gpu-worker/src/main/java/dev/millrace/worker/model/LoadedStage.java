package dev.millrace.worker.model;

import dev.millrace.worker.kernel.MemoryUse;

/// A stage that is ready to compute.
///
/// @param model the stage; whoever loaded it closes it
/// @param memory what it really took, to be compared with the plan
public record LoadedStage(StageModel model, MemoryUse memory) {}
