@NullMarked
package dev.millrace.worker.sample;

import org.jspecify.annotations.NullMarked;
