/// Commands that the tokenizer-service brings along.
@NullMarked
package dev.millrace.cli.tool;

import org.jspecify.annotations.NullMarked;
