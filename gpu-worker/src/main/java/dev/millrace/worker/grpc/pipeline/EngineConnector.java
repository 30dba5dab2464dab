package dev.millrace.worker.grpc.pipeline;

import dev.millrace.worker.engine.EngineClient;
import dev.millrace.worker.engine.ReportSink;

/// Makes a new source of sequences known to an engine.
@FunctionalInterface
public interface EngineConnector {

    /// @throws IllegalStateException when the engine has ended
    EngineClient connect(ReportSink sink);
}
