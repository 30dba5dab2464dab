/// The engine loop: one thread that owns sequences, blocks and plan.
@NullMarked
package dev.millrace.worker.engine;

import org.jspecify.annotations.NullMarked;
