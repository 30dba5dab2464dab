/// The one thread that owns the state of pipelines, placements and running requests.
@NullMarked
package dev.millrace.tokenizer.loop;

import org.jspecify.annotations.NullMarked;
