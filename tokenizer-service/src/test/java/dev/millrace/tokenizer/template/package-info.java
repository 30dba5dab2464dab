@NullMarked
package dev.millrace.tokenizer.template;

import org.jspecify.annotations.NullMarked;
