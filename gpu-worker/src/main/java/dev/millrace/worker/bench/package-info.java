/// Measures the engine room of a worker without what is around it: whole models on a device, and memory.
@NullMarked
package dev.millrace.worker.bench;

import org.jspecify.annotations.NullMarked;
