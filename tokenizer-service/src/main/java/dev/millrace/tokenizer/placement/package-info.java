/// Registered workers, the stages they are given, and the epochs of the pipeline.
@NullMarked
package dev.millrace.tokenizer.placement;

import org.jspecify.annotations.NullMarked;
