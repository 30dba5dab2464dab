@NullMarked
package dev.millrace.worker.kernel;

import org.jspecify.annotations.NullMarked;
