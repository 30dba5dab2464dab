/// From logits to a token id.
@NullMarked
package dev.millrace.worker.sample;

import org.jspecify.annotations.NullMarked;
