/// Which devices there are on this machine, as the worker's tool tells it, and which of them are asked for.
@NullMarked
package dev.millrace.cli.device;

import org.jspecify.annotations.NullMarked;
