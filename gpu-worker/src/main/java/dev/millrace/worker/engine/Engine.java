package dev.millrace.worker.engine;

import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.StageModel;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The engine of stage 0: one thread owns sequences, KV blocks and plan.
public final class Engine implements AutoCloseable {

    /// Sets up an engine that does not run yet; model, ledger and statistics are used by its thread alone until it has
    /// stopped. The model is not closed by the engine.
    ///
    /// @param handover the way to stage 1; null exactly if the pipeline has one stage
    public Engine(
            StageSettings settings,
            StageModel model,
            @Nullable Handover handover,
            StepLedger ledger,
            EngineStatistics statistics,
            FailureListener listener) {
        throw new UnsupportedOperationException();
    }

    /// Starts the engine thread.
    public void start() {
        throw new UnsupportedOperationException();
    }

    /// Adds a source of sequences.
    ///
    /// @throws IllegalStateException when the engine has ended
    public EngineClient connect(ReportSink sink) {
        throw new UnsupportedOperationException();
    }

    /// Takes the packed tokens of a step from the last stage; the bytes are copied before it returns. Does not wait.
    /// Called by one thread at a time.
    ///
    /// @throws StepRefusedException when it is not the output of the next step of this epoch; content that is broken or
    ///     out of order also ends the epoch
    public void stepOutput(MemorySegment packedOutput) {
        throw new UnsupportedOperationException();
    }

    /// Ends the thread after the step that it is in; clients are told.
    ///
    /// @return false when the thread is still inside the model after that time; the model must not be closed then
    public boolean stop(Duration deadline) {
        throw new UnsupportedOperationException();
    }

    /// Stops with a deadline of 10 s.
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
