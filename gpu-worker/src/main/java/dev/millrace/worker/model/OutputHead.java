package dev.millrace.worker.model;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.step.StepOutput;
import dev.millrace.worker.weights.Linear;
import dev.millrace.worker.weights.ModelShape;

/// The end of the last stage: logits of the tokens that are sampled after, and the choice of the next ones.
final class OutputHead {

    private final DeviceVector norm;
    private final float epsilon;
    private final DeviceBuffer sampled;
    private final DeviceBuffer logits;
    private final Projection[] output;

    OutputHead(DeviceMemory memory, ModelShape shape, DeviceVector norm, Linear output, float epsilon) {
        this.norm = norm;
        this.epsilon = epsilon;
        sampled = memory.buffer(Rows.SAMPLES, shape.hidden());
        logits = memory.buffer(Rows.SAMPLES, shape.vocabulary());
        this.output = new Projection[] {output.into(logits)};
    }

    DeviceBuffer logits() {
        return logits;
    }

    void run(Operations operations, DeviceBuffer hidden) {
        operations.gatherSampled(hidden, sampled);
        operations.rmsNorm(sampled, norm, epsilon, sampled);
        operations.project(sampled, output);
    }

    void sample(Operations operations, StepOutput target) {
        operations.sample(logits, target);
    }
}
