package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.ArrivalBatch;

/// The stream to stage 0 of a pipeline; used on the service loop only.
interface PipelineLink {
    /// Sends a batch; it is buffered when the stream is not writable.
    void send(ArrivalBatch batch);

    /// True while the stream takes more without buffering much.
    boolean writable();

    /// Ends the stream; the listener hears nothing more.
    void close(String reason);

    /// What the other end does, told on the service loop.
    interface Listener {
        /// The next step's report.
        void report(ReceivedReport report);

        /// The stream is writable again.
        void writable();

        /// The stream is gone, for the given reason.
        void lost(String reason);
    }
}
