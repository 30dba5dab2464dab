package dev.millrace.tokenizer.pipeline;

/// A submitted sequence, for whoever submitted it; used on the service loop only.
public interface RunningSequence {
    /// Ends it wherever it is: stage 0 learns of it with the next arrival batch. Later calls do nothing.
    void cancel();
}
