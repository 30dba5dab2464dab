package dev.millrace.worker.weights;

/// Hears how loading goes on, on the loading thread.
@FunctionalInterface
public interface LoadProgress {

    /// Nobody listens.
    LoadProgress IGNORED = (loadedBytes, totalBytes) -> {};

    /// `loadedBytes` of the `totalBytes` that the stage's tensors have in the file are loaded.
    void loaded(long loadedBytes, long totalBytes);
}
