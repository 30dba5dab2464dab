@NullMarked
package dev.millrace.worker.kernel.cpu;

import org.jspecify.annotations.NullMarked;
