package dev.millrace.worker.model;

import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.weights.LayerWeights;

/// One layer: attention and feed-forward, each on the normalised hidden state and added to it.
final class LayerPass {

    private final LayerWeights weights;
    private final StageBuffers buffers;
    private final KvCache cache;
    private final int cacheLayer;
    private final RopeTable rope;
    private final float epsilon;
    private final Projection[] queryKeyValue;
    private final Projection[] attentionOutput;
    private final Projection[] gateAndUp;
    private final Projection[] down;

    LayerPass(
            LayerWeights weights, StageBuffers buffers, KvCache cache, int cacheLayer, RopeTable rope, float epsilon) {
        this.weights = weights;
        this.buffers = buffers;
        this.cache = cache;
        this.cacheLayer = cacheLayer;
        this.rope = rope;
        this.epsilon = epsilon;
        queryKeyValue = new Projection[] {
            weights.query().into(buffers.queries()),
            weights.key().into(buffers.keys()),
            weights.value().into(buffers.values())
        };
        attentionOutput = new Projection[] {weights.attentionOutput().addedTo(buffers.hidden())};
        gateAndUp = new Projection[] {
            weights.gate().into(buffers.gate()), weights.up().into(buffers.up())
        };
        down = new Projection[] {weights.down().addedTo(buffers.hidden())};
    }

    void run(Operations operations) {
        operations.rmsNorm(buffers.hidden(), weights.attentionNorm(), epsilon, buffers.normed());
        operations.project(buffers.normed(), queryKeyValue);
        if (weights.queryNorm() != null && weights.keyNorm() != null) {
            operations.headNorm(buffers.queries(), weights.queryNorm(), epsilon);
            operations.headNorm(buffers.keys(), weights.keyNorm(), epsilon);
        }
        operations.rope(buffers.queries(), cache.headSize(), rope);
        operations.rope(buffers.keys(), cache.headSize(), rope);
        operations.storeKv(cache, cacheLayer, buffers.keys(), buffers.values());
        operations.attention(cache, cacheLayer, buffers.queries(), buffers.queries());
        operations.project(buffers.queries(), attentionOutput);
        operations.rmsNorm(buffers.hidden(), weights.feedForwardNorm(), epsilon, buffers.normed());
        operations.project(buffers.normed(), gateAndUp);
        operations.swiglu(buffers.gate(), buffers.up(), buffers.gate());
        operations.project(buffers.gate(), down);
    }
}
