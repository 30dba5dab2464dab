package dev.millrace.worker.grpc.placement;

import dev.millrace.worker.engine.StageSettings;

/// The order to hold one stage.
///
/// @param settings the stage and its limits
/// @param firstLayer first layer of the span
/// @param layerCount layers of the span
/// @param nextAddress host and port of the next stage, empty at the last
/// @param firstAddress host and port of stage 0
public record StageAssignment(
        StageSettings settings, int firstLayer, int layerCount, String nextAddress, String firstAddress) {

    /// The pipeline's epoch.
    public long epoch() {
        return settings.epoch();
    }

    /// The layer after the last one of the span.
    public int endLayer() {
        return firstLayer + layerCount;
    }
}
