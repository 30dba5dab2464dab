package dev.millrace.worker.model;

import dev.millrace.worker.kernel.Gate;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.weights.LayerWeights;

/// The part of a layer after attention, which takes each row by itself: the attention's result is added to the hidden
/// state, and the feed-forward of the normalised hidden state too.
final class FeedForwardPass {

    private final LayerWeights weights;
    private final RowBuffers rows;
    private final float epsilon;
    private final Projection[] attentionOutput;
    private final Gate gate;
    private final Projection down;

    FeedForwardPass(LayerWeights weights, RowBuffers rows, float epsilon) {
        this.weights = weights;
        this.rows = rows;
        this.epsilon = epsilon;
        attentionOutput = new Projection[] {weights.attentionOutput().addedTo(rows.hidden())};
        gate = weights.gate().gating(weights.up());
        down = weights.down().addedTo(rows.hidden());
    }

    void run(Operations operations) {
        operations.project(rows.attended(), attentionOutput);
        operations.rmsNorm(rows.hidden(), weights.feedForwardNorm(), epsilon, rows.normed());
        operations.feedForward(rows.normed(), gate, down);
    }
}
