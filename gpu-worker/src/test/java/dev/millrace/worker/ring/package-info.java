@NullMarked
package dev.millrace.worker.ring;

import org.jspecify.annotations.NullMarked;
