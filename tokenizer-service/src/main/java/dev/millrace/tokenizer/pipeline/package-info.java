/// Streams to stage 0: arrival batches out, step reports in, canaries, and replay of running sequences to the next
/// epoch.
@NullMarked
package dev.millrace.tokenizer.pipeline;

import org.jspecify.annotations.NullMarked;
