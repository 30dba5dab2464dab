@NullMarked
package dev.millrace.worker.step;

import org.jspecify.annotations.NullMarked;
