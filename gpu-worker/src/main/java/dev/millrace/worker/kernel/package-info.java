/// The contract of operations that a device offers to a model.
@NullMarked
package dev.millrace.worker.kernel;

import org.jspecify.annotations.NullMarked;
