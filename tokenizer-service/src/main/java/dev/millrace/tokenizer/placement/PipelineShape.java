package dev.millrace.tokenizer.placement;

import dev.millrace.proto.v1.KvType;
import java.util.List;

/// What every epoch of the pipeline looks like.
///
/// @param modelId the model's name
/// @param modelDigest SHA-256 over the header of its file, in lower-case hex
/// @param spans the layers of each stage, in order
/// @param contextLength tokens that a sequence may have
/// @param parallel sequences that run at the same time, at the most
/// @param batchTokens tokens of a step, at the most
/// @param prefillChunkTokens tokens of one prompt in a step, at the most
/// @param maxWaiting sequences in the waiting queue, at the most
/// @param prefixCache false switches prefix reuse off
/// @param kvType how all stages keep keys and values
public record PipelineShape(
        String modelId,
        String modelDigest,
        List<LayerSpan> spans,
        int contextLength,
        int parallel,
        int batchTokens,
        int prefillChunkTokens,
        int maxWaiting,
        boolean prefixCache,
        KvType kvType) {
    private static final int BLOCK_TOKENS = 16;

    public PipelineShape {
        spans = List.copyOf(spans);
    }

    /// Number of stages.
    public int stages() {
        return spans.size();
    }

    /// KV blocks that let every running sequence grow to the full context, and one to spare for each, so that a
    /// sequence
    /// that ends and one that begins need not wait for each other.
    public int kvBlocks() {
        return Math.multiplyExact(parallel, Math.ceilDiv(contextLength, BLOCK_TOKENS) + 1);
    }
}
