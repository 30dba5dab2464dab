package dev.millrace.cli.serve;

import dev.millrace.cli.Unreadable;
import dev.millrace.cli.UserError;
import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufMetadata;
import dev.millrace.gguf.GgufTensor;
import dev.millrace.gguf.NumberArray;
import java.io.IOException;
import java.nio.file.Path;

/// What must be known of a model before processes are started for it.
///
/// @param layers how many there are to share out
/// @param contextLength tokens that the model was made for
/// @param weightsBytes all tensors, as the file has them
/// @param embeddingBytes of the token embedding, where it is the output matrix too, else 0: the last of several stages
///     then holds it a second time
/// @param cachedElements keys and values that one token leaves in the caches of all layers
record ModelSummary(long layers, long contextLength, long weightsBytes, long embeddingBytes, long cachedElements) {
    private static final long MOST_LAYERS = 1 << 14;
    private static final long MOST_ELEMENTS = 1 << 20;
    private static final long MOST_TOKENS = 1L << 40;

    static ModelSummary read(Path path) {
        try (GgufFile file = GgufFile.open(path)) {
            if (file.tensors().isEmpty()) {
                throw new UserError(path + " is a vocabulary without weights; it cannot be served");
            }
            GgufMetadata metadata = file.metadata();
            String architecture = metadata.string("general.architecture");
            long layers = bounded(metadata, architecture + ".block_count", MOST_LAYERS);
            return new ModelSummary(
                    layers,
                    bounded(metadata, architecture + ".context_length", MOST_TOKENS),
                    file.tensors().stream().mapToLong(GgufTensor::byteSize).sum(),
                    file.tensor("output.weight").isPresent()
                            ? 0
                            : file.requireTensor("token_embd.weight").byteSize(),
                    layers * cachedElements(metadata, architecture));
        } catch (IOException failure) {
            throw new UserError("cannot read the model: " + Unreadable.describe(path, failure));
        }
    }

    private static long cachedElements(GgufMetadata metadata, String architecture) {
        String attention = architecture + ".attention.";
        long heads = bounded(metadata, attention + "head_count", MOST_ELEMENTS);
        long headSize = bounded(metadata, architecture + ".embedding_length", MOST_ELEMENTS) / heads;
        return keyHeads(metadata, attention + "head_count_kv", heads)
                * (size(metadata, attention + "key_length", headSize)
                        + size(metadata, attention + "value_length", headSize));
    }

    /// Some architectures have a number for each layer; then the most there can be.
    private static long keyHeads(GgufMetadata metadata, String key, long heads) {
        return metadata.find(key).orElse(null) instanceof NumberArray ? heads : size(metadata, key, heads);
    }

    private static long size(GgufMetadata metadata, String key, long fallback) {
        return metadata.contains(key) ? bounded(metadata, key, MOST_ELEMENTS) : fallback;
    }

    private static long bounded(GgufMetadata metadata, String key, long most) {
        long value = metadata.integer(key);
        if (value < 1 || value > most) {
            throw new UserError("the model is damaged: its %s is %d".formatted(key, value));
        }
        return value;
    }
}
