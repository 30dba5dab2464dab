package dev.millrace.tokenizer.pipeline;

/// Keeps the stream to the pipeline that placement has formed; used on the service loop only.
public interface PipelineHost {
    /// Opens the stream of a new epoch to stage 0 at `host:port` and sends a token through; sequences go there once it
    /// came out. Replaces an earlier epoch.
    void serve(long epoch, String address, Listener listener);

    /// Leaves the present epoch; its sequences wait for the next one. Its listener hears nothing more.
    void withdraw(String reason);

    /// What becomes of an epoch.
    interface Listener {
        /// A token went through: the pipeline serves.
        void serving();

        /// The stream is lost, or never came to be, also after further tries; the epoch is of no use any more.
        void lost(String reason);
    }
}
