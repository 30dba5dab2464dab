/// The operations on the CPU through the Vector API.
@NullMarked
package dev.millrace.worker.kernel.cpu;

import org.jspecify.annotations.NullMarked;
