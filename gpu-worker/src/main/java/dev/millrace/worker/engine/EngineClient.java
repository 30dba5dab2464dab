package dev.millrace.worker.engine;

/// One source of sequences, such as the stream of a tokenizer-service. Usable from any one thread at a time.
public interface EngineClient {

    /// Puts a batch into the engine's inbox, without waiting. To keep the inbox bounded, a client sends the next batch
    /// after [ReportSink#arrivalsTaken].
    ///
    /// @return false when it was not taken: the engine has ended, the client is closed or the inbox is full
    boolean arrive(ArrivalBatch batch);

    /// Cancels all sequences of this client, wherever they are; its sink is not called any more once the engine has
    /// seen it. Never lost, never waits.
    void close();
}
