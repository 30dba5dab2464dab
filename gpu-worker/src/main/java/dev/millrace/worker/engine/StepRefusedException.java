package dev.millrace.worker.engine;

import org.jspecify.annotations.Nullable;

/// A message from a neighbour stage that does not belong here now: another epoch, a wrong step number, broken content,
/// or an engine that has ended.
public final class StepRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StepRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
