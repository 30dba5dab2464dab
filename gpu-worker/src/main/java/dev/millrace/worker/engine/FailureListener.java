package dev.millrace.worker.engine;

/// Is told when an engine or a stage runner ends by an error.
public interface FailureListener {

    /// Called once, by the thread that met the error, before clients are told.
    void failed(EngineFailure failure);
}
