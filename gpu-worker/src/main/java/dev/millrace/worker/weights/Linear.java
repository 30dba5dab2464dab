package dev.millrace.worker.weights;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Gate;
import dev.millrace.worker.kernel.Matrix;
import dev.millrace.worker.kernel.Projection;
import org.jspecify.annotations.Nullable;

/// A matrix with the bias that some models have beside it.
public record Linear(Matrix matrix, @Nullable DeviceVector bias) {

    /// Its product, put into `target`.
    public Projection into(DeviceBuffer target) {
        return new Projection(matrix, bias, target, false);
    }

    /// It as the gate of a feed-forward.
    public Gate gating(Linear up) {
        return new Gate(matrix, bias, up.matrix, up.bias);
    }

    /// Its product, added to `target`.
    public Projection addedTo(DeviceBuffer target) {
        return new Projection(matrix, bias, target, true);
    }
}
