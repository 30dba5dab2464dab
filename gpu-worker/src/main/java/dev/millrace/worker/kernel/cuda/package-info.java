/// The operations on NVIDIA's devices.
@NullMarked
package dev.millrace.worker.kernel.cuda;

import org.jspecify.annotations.NullMarked;
