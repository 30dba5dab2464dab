/// What tests of several packages share: a loop with a clock of its own, a model without a file.
@NullMarked
package dev.millrace.tokenizer.support;

import org.jspecify.annotations.NullMarked;
