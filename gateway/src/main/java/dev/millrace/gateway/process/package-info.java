/// How the process starts, says that it serves, and ends.
@NullMarked
package dev.millrace.gateway.process;

import org.jspecify.annotations.NullMarked;
