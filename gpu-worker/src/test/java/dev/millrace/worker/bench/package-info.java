@NullMarked
package dev.millrace.worker.bench;

import org.jspecify.annotations.NullMarked;
