@NullMarked
package dev.millrace.tokenizer.tool;

import org.jspecify.annotations.NullMarked;
