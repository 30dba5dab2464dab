package dev.millrace.worker.model;

import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufTensor;
import dev.millrace.worker.kernel.RopeFrequencies;
import dev.millrace.worker.weights.ModelShape;
import dev.millrace.worker.weights.UnusableModelException;

/// The hyperparameters of a model, read from its metadata and checked.
///
/// @param architecture its family, `llama` for example
/// @param shape the sizes of its tensors
/// @param contextLength tokens of a sequence that it was trained for
/// @param epsilon what keeps a norm from dividing by 0
/// @param rope how positions turn queries and keys
public record ModelConfiguration(
        String architecture, ModelShape shape, int contextLength, float epsilon, RopeFrequencies rope) {

    private static final int MOST_LAYERS = 1024;
    private static final int MOST_HIDDEN = 1 << 16;
    private static final int MOST_HEADS = 1024;
    private static final int MOST_HEAD_SIZE = 1024;
    private static final int MOST_FEED_FORWARD = 1 << 20;
    private static final int MOST_TOKEN_IDS = 1 << 22;
    private static final int MOST_CONTEXT = 1 << 26;

    /// Reads the configuration of the model in `file`.
    ///
    /// @throws UnusableModelException where it cannot be served, and why
    public static ModelConfiguration read(GgufFile file) {
        String place = file.paths().getFirst().toString();
        Architecture architecture = Architectures.named(file.metadata().string("general.architecture"), place);
        Hyperparameters values = new Hyperparameters(file, architecture.name());
        if (values.has("expert_count") && file.metadata().integer(architecture.name() + ".expert_count") != 0) {
            throw new UnusableModelException(place + ": mixtures of experts are not supported");
        }
        if (!values.flag("attention.causal", true)) {
            throw new UnusableModelException(
                    place + ": the model does not generate text (its attention is not causal)");
        }
        ModelShape shape = shape(values, architecture, vocabulary(file));
        return new ModelConfiguration(
                architecture.name(),
                shape,
                values.positive("context_length", MOST_CONTEXT),
                values.number("attention.layer_norm_rms_epsilon", 0f, 1f),
                new RopeReader(file, values, architecture.ropePairs(), shape.headSize()).read());
    }

    private static ModelShape shape(Hyperparameters values, Architecture architecture, int vocabulary) {
        int hidden = values.positive("embedding_length", MOST_HIDDEN);
        int heads = values.positive("attention.head_count", MOST_HEADS);
        int kvHeads = values.positive("attention.head_count_kv", MOST_HEADS, heads);
        if (heads % kvHeads != 0) {
            throw values.refusal(
                    "attention.head_count_kv",
                    Integer.toString(kvHeads),
                    "has to divide the " + heads + " query heads");
        }
        if (!values.has("attention.key_length") && hidden % heads != 0) {
            throw values.refusal(
                    "attention.head_count", Integer.toString(heads), "has to divide the embedding length " + hidden);
        }
        int headSize = values.positive("attention.key_length", MOST_HEAD_SIZE, Math.max(1, hidden / heads));
        int valueSize = values.positive("attention.value_length", MOST_HEAD_SIZE, headSize);
        if (valueSize != headSize) {
            throw values.refusal(
                    "attention.value_length",
                    Integer.toString(valueSize),
                    "other sizes than the keys' " + headSize + " are not supported");
        }
        return new ModelShape(
                values.positive("block_count", MOST_LAYERS),
                hidden,
                heads,
                kvHeads,
                headSize,
                values.positive("feed_forward_length", MOST_FEED_FORWARD),
                vocabulary,
                architecture.needsQkvBias(),
                architecture.needsHeadNorm());
    }

    private static int vocabulary(GgufFile file) {
        String name = "token_embd.weight";
        GgufTensor embedding = file.tensor(name)
                .orElseThrow(() -> new UnusableModelException(
                        "%s: the tensor \"%s\" is missing (a vocabulary alone cannot be served)"
                                .formatted(file.paths().getFirst(), name)));
        if (embedding.rows() < 1 || embedding.rows() > MOST_TOKEN_IDS) {
            throw new UnusableModelException("%s: \"%s\" has %d rows, but has to have from 1 to %d"
                    .formatted(file.paths().getFirst(), name, embedding.rows(), MOST_TOKEN_IDS));
        }
        return (int) embedding.rows();
    }
}
