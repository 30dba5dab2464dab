package dev.millrace.worker.bench;

import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufTensor;
import dev.millrace.worker.model.ModelConfiguration;
import dev.millrace.worker.weights.ModelShape;

/// What a model takes of any device at least.
///
/// @param weightBytes that are read for a step, however many tokens it has
/// @param positionBytes of keys and values of a position, in half precision
/// @param tokenOperations of the layers' products for a token: two for each weight
/// @param outputOperations of the output matrix for a token that is sampled after
/// @param pairOperations of attention for a token and one of the positions that it sees
public record ModelCosts(
        long weightBytes, long positionBytes, long tokenOperations, long outputOperations, long pairOperations) {

    private static final String EMBEDDING = "token_embd.weight";
    private static final String OUTPUT = "output.weight";

    /// Reads the header.
    public static ModelCosts of(GgufFile file) {
        ModelShape shape = ModelConfiguration.read(file).shape();
        long weights = file.tensors().stream()
                .filter(tensor -> tensor.name().endsWith(".weight") && tensor.rows() > 1)
                .filter(tensor ->
                        !tensor.name().equals(EMBEDDING) && !tensor.name().equals(OUTPUT))
                .mapToLong(GgufTensor::elementCount)
                .sum();
        long kvValues = 2L * shape.kvSize() * shape.layers();
        return new ModelCosts(
                WeightBytes.readPerToken(file),
                Short.BYTES * kvValues,
                2 * weights,
                2L * shape.hidden() * shape.vocabulary(),
                4L * shape.querySize() * shape.layers());
    }

    /// Bytes that are read while `sequences` decode `steps` tokens each after `context` tokens.
    double decodeBytes(int sequences, int steps, int context) {
        double positions = (double) steps * context + steps * (steps + 1.0) / 2;
        return (double) steps * weightBytes + sequences * positions * positionBytes;
    }

    /// Operations for a prompt that is sampled after once.
    double prefillOperations(int tokens) {
        return (double) tokens * tokenOperations + outputOperations + tokens * (tokens + 1.0) / 2 * pairOperations;
    }
}
