package dev.millrace.worker.grpc.placement;

import dev.millrace.proto.v1.WorkerReport;
import dev.millrace.worker.engine.EngineStatistics;
import dev.millrace.worker.ledger.StepLedger;
import java.util.function.LongSupplier;

/// What a worker says of itself: at the start, and once a second.
///
/// @param identity who it is
/// @param availableBytes memory that a stage may take
/// @param ledger where its time and bytes go
/// @param engine figures of the engine, zero while it holds no first stage
public record WorkerFigures(
        WorkerIdentity identity, LongSupplier availableBytes, StepLedger ledger, EngineStatistics engine) {

    WorkerReport hello() {
        return WorkerMessages.hello(identity, availableBytes.getAsLong());
    }

    WorkerReport statistics() {
        return WorkerMessages.statistics(ledger, engine);
    }
}
