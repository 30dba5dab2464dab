package dev.millrace.tokenizer.pipeline;

/// Opens streams to workers.
interface PipelineDialer {
    /// Opens a stream to stage 0 at `host:port`; failure is told to the listener.
    PipelineLink dial(String address, PipelineLink.Listener listener);
}
