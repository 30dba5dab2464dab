/// A conversation in the terminal with a running server.
@NullMarked
package dev.millrace.cli.chat;

import org.jspecify.annotations.NullMarked;
