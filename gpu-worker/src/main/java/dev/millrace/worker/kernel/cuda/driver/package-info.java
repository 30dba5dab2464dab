/// The CUDA driver behind one narrow interface of addresses and handles as longs, and owners of what it hands out.
@NullMarked
package dev.millrace.worker.kernel.cuda.driver;

import org.jspecify.annotations.NullMarked;
