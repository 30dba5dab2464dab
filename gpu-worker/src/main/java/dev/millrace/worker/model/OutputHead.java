package dev.millrace.worker.model;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.weights.Linear;

/// The end of the last stage: the last layer, the logits of the tokens that are sampled after, and the choice of the
/// next ones. Nothing looks at the last layer's result for the other tokens, which in a prompt are nearly all: they get
/// their keys and values and no more.
final class OutputHead {

    private final LayerPass lastLayer;
    private final StageBuffers tokens;
    private final RowBuffers sampled;
    private final DeviceVector norm;
    private final float epsilon;
    private final DeviceBuffer logits;
    private final Projection[] output;

    /// @param lastLayer with its feed-forward over `sampled`
    /// @param logits `[N, V]`
    OutputHead(
            LayerPass lastLayer,
            StageBuffers tokens,
            RowBuffers sampled,
            DeviceVector norm,
            float epsilon,
            Linear output,
            DeviceBuffer logits) {
        this.lastLayer = lastLayer;
        this.tokens = tokens;
        this.sampled = sampled;
        this.norm = norm;
        this.epsilon = epsilon;
        this.logits = logits;
        this.output = new Projection[] {output.into(logits)};
    }

    DeviceBuffer logits() {
        return logits;
    }

    /// Samples, where that is wanted.
    void run(Operations operations, boolean sampling) {
        lastLayer.attention().run(operations);
        if (sampling) {
            operations.gatherSampled(tokens.hidden(), sampled.hidden());
            operations.gatherSampled(tokens.queries(), sampled.attended());
            lastLayer.feedForward().run(operations);
            operations.rmsNorm(sampled.hidden(), norm, epsilon, sampled.normed());
            operations.project(sampled.normed(), output);
            operations.sample(logits);
        }
    }
}
