/// Starts the processes of a cluster on this machine and looks after them.
@NullMarked
package dev.millrace.cli.serve;

import org.jspecify.annotations.NullMarked;
