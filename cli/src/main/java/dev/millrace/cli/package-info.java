/// What a person types: it talks HTTP and starts processes.
@NullMarked
package dev.millrace.cli;

import org.jspecify.annotations.NullMarked;
