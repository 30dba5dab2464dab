/// Reads GGUF model files: header, metadata, tensor directory, block formats, memory-mapped tensors. Writes them too,
/// and
/// quantises.
@NullMarked
package dev.millrace.gguf;

import org.jspecify.annotations.NullMarked;
