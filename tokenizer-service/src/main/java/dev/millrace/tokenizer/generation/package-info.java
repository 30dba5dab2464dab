/// The Generation service for gateways: text in, text out.
@NullMarked
package dev.millrace.tokenizer.generation;

import org.jspecify.annotations.NullMarked;
