package dev.millrace.worker.engine;

import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.StageModel;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/// A stage after the first: one thread computes the steps that the stage before hands over, in their order.
public final class StageRunner implements AutoCloseable {

    /// A stage between the first and the last; it does not run yet. The model is not closed by the runner.
    public static StageRunner middle(
            StageSettings settings, StageModel model, Handover next, StepLedger ledger, FailureListener listener) {
        throw new UnsupportedOperationException();
    }

    /// The last of several stages: it samples and returns the tokens to stage 0.
    public static StageRunner last(
            StageSettings settings, StageModel model, OutputSink first, StepLedger ledger, FailureListener listener) {
        throw new UnsupportedOperationException();
    }

    /// Starts the thread.
    public void start() {
        throw new UnsupportedOperationException();
    }

    /// Takes a step from the stage before: the packed step, and its activations `[T, H] f32` little-endian. Both are
    /// checked and copied before it returns. Does not wait. Called by one thread at a time.
    ///
    /// @throws StepRefusedException when it is not the next step of this epoch; except for a step of another epoch,
    /// that
    ///     ends the epoch here
    public void step(MemorySegment packedInput, MemorySegment activations) {
        throw new UnsupportedOperationException();
    }

    /// Ends the thread after the step that it is in.
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
