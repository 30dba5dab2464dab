package dev.millrace.worker.config;

/// What becomes of a stage, told on whatever thread met it: the receiver must not block.
interface StageEvents {

    /// The links to all neighbours are there.
    void linked(HostedStage stage);

    /// A neighbour does not agree or did not answer.
    void failed(HostedStage stage, String reason);

    /// A link broke, or the stage itself met an error.
    void lost(HostedStage stage, String reason);
}
