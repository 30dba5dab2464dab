@NullMarked
package dev.millrace.worker.kernel.cuda.driver;

import org.jspecify.annotations.NullMarked;
