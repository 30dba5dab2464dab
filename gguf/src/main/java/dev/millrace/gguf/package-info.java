/// Reads GGUF model files: header, metadata, tensor directory, block formats, memory-mapped tensors.
@NullMarked
package dev.millrace.gguf;

import org.jspecify.annotations.NullMarked;
