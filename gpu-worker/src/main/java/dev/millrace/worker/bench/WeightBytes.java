package dev.millrace.worker.bench;

import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufTensor;

/// How much of a model has to be read for a token.
public final class WeightBytes {

    private WeightBytes() {}

    /// Bytes of all tensors, but not of an embedding that is not the output matrix too: of that it is one row.
    public static long readPerToken(GgufFile file) {
        boolean embeddingIsOutput = file.tensor("output.weight").isEmpty();
        return file.tensors().stream()
                .filter(tensor -> embeddingIsOutput || !tensor.name().equals("token_embd.weight"))
                .mapToLong(GgufTensor::byteSize)
                .sum();
    }
}
