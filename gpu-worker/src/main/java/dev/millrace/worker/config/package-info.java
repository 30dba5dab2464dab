/// Options, wiring and the main class.
@NullMarked
package dev.millrace.worker.config;

import org.jspecify.annotations.NullMarked;
