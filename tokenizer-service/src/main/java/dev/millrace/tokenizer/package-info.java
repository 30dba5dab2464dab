/// Text to token ids and back, and the pipelines that generate between the two.
@NullMarked
package dev.millrace.tokenizer;

import org.jspecify.annotations.NullMarked;
