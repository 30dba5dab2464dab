package dev.millrace.worker.grpc.placement;

/// Where a stage is between order and service.
public enum StagePhase {
    /// Weights are being loaded.
    LOADING,
    /// Weights, KV and the links to the neighbours are there.
    READY,
    /// The stage cannot be held by this worker.
    FAILED,
    /// A link to a neighbour broke, or the stage met an error: the pipeline needs a new epoch.
    LINK_LOST
}
