/// Command line tools around texts and tokens, each with a main class of its own.
@NullMarked
package dev.millrace.tokenizer.tool;

import org.jspecify.annotations.NullMarked;
