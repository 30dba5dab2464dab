package dev.millrace.worker.engine;

import dev.millrace.worker.step.StepOutput;

/// The way from the last stage back to the first.
public interface OutputSink {

    /// Returns the tokens of a step, also of one that sampled none. Read during this call only; called by the engine
    /// thread, so it never waits. An exception ends the epoch.
    void returned(StepOutput output);
}
