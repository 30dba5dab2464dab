/// The packed description of a step and of its result, shared by engine, links and model.
@NullMarked
package dev.millrace.worker.step;

import org.jspecify.annotations.NullMarked;
