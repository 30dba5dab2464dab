@NullMarked
package dev.millrace.tokenizer.vocabulary;

import org.jspecify.annotations.NullMarked;
