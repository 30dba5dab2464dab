package dev.millrace.worker.grpc.pipeline;

import dev.millrace.worker.engine.EngineClient;
import dev.millrace.worker.engine.ReportSink;

/// Makes a new source of sequences known to an engine.
@FunctionalInterface
public interface EngineConnector {

    /// Adds a source that is told by `sink`.
    ///
    /// @throws IllegalStateException when the engine has ended
    EngineClient connect(ReportSink sink);
}
