package dev.millrace.worker.grpc.placement;

import java.util.Optional;

/// The state of an ordered stage.
///
/// @param epoch of the order
/// @param phase where the stage is
/// @param message what went wrong, or progress in words
/// @param memory what the stage takes, when it is ready
public record StageReport(long epoch, StagePhase phase, String message, Optional<StageMemory> memory) {

    /// A report without figures of memory.
    public StageReport(long epoch, StagePhase phase, String message) {
        this(epoch, phase, message, Optional.empty());
    }
}
