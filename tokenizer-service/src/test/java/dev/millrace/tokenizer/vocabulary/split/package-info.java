@NullMarked
package dev.millrace.tokenizer.vocabulary.split;

import org.jspecify.annotations.NullMarked;
