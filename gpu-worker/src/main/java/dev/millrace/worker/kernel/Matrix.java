package dev.millrace.worker.kernel;

import dev.millrace.gguf.TensorType;

/// A weight matrix `[rows, columns]` in a device's own layout.
public interface Matrix {

    /// The type it had in the file.
    TensorType type();

    /// Values that it makes of a token.
    int rows();

    /// Values of a token that it takes.
    int columns();
}
