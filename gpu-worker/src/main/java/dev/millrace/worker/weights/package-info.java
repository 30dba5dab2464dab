/// Tensors of a stage, from a GGUF file into a device's own layout.
@NullMarked
package dev.millrace.worker.weights;

import org.jspecify.annotations.NullMarked;
