package dev.millrace.worker.model;

import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.weights.LayerWeights;

/// One layer up to its attention, on the normalised hidden state of all tokens: keys and values go to the cache, and
/// the
/// attention's result is left in place of the queries.
final class AttentionPass {

    private final LayerWeights weights;
    private final StageBuffers buffers;
    private final KvCache cache;
    private final int cacheLayer;
    private final RopeTable rope;
    private final float epsilon;
    private final Projection[] queryKeyValue;

    AttentionPass(
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
    }
}
