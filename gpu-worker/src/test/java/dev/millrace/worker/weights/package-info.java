@NullMarked
package dev.millrace.worker.weights;

import org.jspecify.annotations.NullMarked;
