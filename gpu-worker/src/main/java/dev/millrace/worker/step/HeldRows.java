package dev.millrace.worker.step;

/// The rows of a step in memory that the stage before has, too: they are read where they are, instead of being copied,
/// and given back.
public interface HeldRows {

    /// `[T, H] f32`, from the first row on; as many are there as the step has tokens.
    Activations rows();

    /// The rows were read; from now on the stage before may overwrite them. Once, by any thread.
    void release();
}
