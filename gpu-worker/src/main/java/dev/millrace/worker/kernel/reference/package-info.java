/// The operations as plain loops, the oracle for the others.
@NullMarked
package dev.millrace.worker.kernel.reference;

import org.jspecify.annotations.NullMarked;
