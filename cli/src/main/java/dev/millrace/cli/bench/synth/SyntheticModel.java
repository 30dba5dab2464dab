package dev.millrace.cli.bench.synth;

import dev.millrace.gguf.GgufWriter;
import dev.millrace.gguf.TensorType;
import java.util.Arrays;
import java.util.Random;

/// Everything that a file of a shape and type holds.
final class SyntheticModel {
    private static final float BIAS_SIZE = 0.1f;

    private final Shape shape;
    private final FileType type;
    private final long seed;
    private final RandomWeights weights;
    private final GgufWriter writer = new GgufWriter();

    private SyntheticModel(Shape shape, FileType type, long seed) {
        this.shape = shape;
        this.type = type;
        this.seed = seed;
        weights = new RandomWeights(seed);
    }

    /// A file that is ready to be written, its weights made as they are written.
    static GgufWriter of(Shape shape, FileType type, long seed) {
        return new SyntheticModel(shape, type, seed).build();
    }

    private GgufWriter build() {
        addMetadata();
        new SyntheticVocabulary(shape.family(), shape.vocabulary()).addTo(writer);
        matrix(
                "token_embd",
                shape.tied() ? MatrixRole.OUTPUT : MatrixRole.EMBEDDING,
                0,
                shape.hidden(),
                shape.vocabulary());
        for (int layer = 0; layer < shape.layers(); layer++) {
            addLayer(layer);
        }
        ones("output_norm");
        if (!shape.tied()) {
            matrix("output", MatrixRole.OUTPUT, 0, shape.hidden(), shape.vocabulary());
        }
        if (shape.ropeFactor() > 0) {
            float[] factors = RopeFactors.of(shape.headSize(), shape.family().ropeBase(), shape.ropeFactor());
            writer.float32Tensor("rope_freqs.weight", factors, factors.length);
        }
        return writer;
    }

    private void addMetadata() {
        String prefix = shape.family().architecture() + ".";
        writer.string("general.architecture", shape.family().architecture())
                .string("general.type", "model")
                .string("general.name", "Random weights, " + shape.name())
                .string("general.description", "Random weights with seed " + seed + ", for measuring speed")
                .uint32("general.file_type", type.id())
                .uint32("general.quantization_version", 2)
                .uint32(prefix + "context_length", shape.contextTokens())
                .uint32(prefix + "embedding_length", shape.hidden())
                .uint32(prefix + "block_count", shape.layers())
                .uint32(prefix + "feed_forward_length", shape.feedForward())
                .uint32(prefix + "attention.head_count", shape.heads())
                .uint32(prefix + "attention.head_count_kv", shape.kvHeads())
                .uint32(prefix + "attention.key_length", shape.headSize())
                .uint32(prefix + "attention.value_length", shape.headSize())
                .float32(
                        prefix + "attention.layer_norm_rms_epsilon",
                        shape.family().epsilon())
                .float32(prefix + "rope.freq_base", shape.family().ropeBase())
                .uint32(prefix + "rope.dimension_count", shape.headSize())
                .uint32(prefix + "vocab_size", shape.vocabulary());
    }

    private void addLayer(int layer) {
        String prefix = "blk." + layer + ".";
        int queries = shape.heads() * shape.headSize();
        int keys = shape.kvHeads() * shape.headSize();
        ones(prefix + "attn_norm");
        matrix(prefix + "attn_q", MatrixRole.OTHER, layer, shape.hidden(), queries);
        matrix(prefix + "attn_k", MatrixRole.OTHER, layer, shape.hidden(), keys);
        matrix(prefix + "attn_v", MatrixRole.ATTENTION_VALUE, layer, shape.hidden(), keys);
        if (shape.family().hasBiases()) {
            bias(prefix + "attn_q", queries);
            bias(prefix + "attn_k", keys);
            bias(prefix + "attn_v", keys);
        }
        matrix(prefix + "attn_output", MatrixRole.OTHER, layer, queries, shape.hidden());
        ones(prefix + "ffn_norm");
        matrix(prefix + "ffn_gate", MatrixRole.OTHER, layer, shape.hidden(), shape.feedForward());
        matrix(prefix + "ffn_up", MatrixRole.OTHER, layer, shape.hidden(), shape.feedForward());
        matrix(prefix + "ffn_down", MatrixRole.FEED_FORWARD_DOWN, layer, shape.feedForward(), shape.hidden());
    }

    private void matrix(String name, MatrixRole role, int layer, int columns, int rows) {
        TensorType tensorType = type.of(role, layer, shape.layers(), columns);
        writer.tensor(name + ".weight", tensorType, weights.matrix(name, tensorType, columns, rows), columns, rows);
    }

    private void ones(String name) {
        float[] ones = new float[shape.hidden()];
        Arrays.fill(ones, 1);
        writer.float32Tensor(name + ".weight", ones, ones.length);
    }

    private void bias(String name, int size) {
        Random random = new Random(seed * 31 + name.hashCode());
        float[] values = new float[size];
        for (int index = 0; index < size; index++) {
            values[index] = BIAS_SIZE * (float) random.nextGaussian();
        }
        writer.float32Tensor(name + ".bias", values, size);
    }
}
