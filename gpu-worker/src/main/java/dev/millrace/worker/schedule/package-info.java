/// Decides which tokens of which sequences go into a step.
@NullMarked
package dev.millrace.worker.schedule;

import org.jspecify.annotations.NullMarked;
