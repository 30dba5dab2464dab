package dev.millrace.gguf;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/// Gives the bytes of one tensor when they are due, so that a file larger than memory can be written.
@FunctionalInterface
public interface TensorContent {
    /// Writes all blocks of the tensor, row after row, and nothing else.
    void writeTo(WritableByteChannel out) throws IOException;
}
