package dev.millrace.worker.engine;

/// Where the engine tells one client what happened. Called by the engine thread, which waits meanwhile: an
/// implementation copies what it needs and returns; it never blocks. One that throws is treated as a client that has
/// gone.
public interface ReportSink {

    /// What one step, or the work between two steps, brought to this client; never an empty report. The object is
    /// reused: it is valid during this call only.
    void report(StepReport report);

    /// The oldest arrival batch was taken out of the inbox: there is room for the next one.
    void arrivalsTaken();

    /// The engine has stopped or failed: nothing follows. The client's sequences are gone here, their owner replays
    /// them elsewhere. Not called on a client that was closed before.
    void ended(String reason);
}
