package dev.millrace.cli.bench.synth;

import dev.millrace.gguf.TensorContent;
import dev.millrace.gguf.TensorType;
import java.util.HashMap;
import java.util.Map;

/// Random matrices of which a product with a vector is about as large as the vector: their numbers have the standard
/// deviation `1 / sqrt(columns)`. The same seed gives the same bytes, whatever else is written.
final class RandomWeights {
    private final long seed;
    private final Map<Kind, RandomBlocks> pools = new HashMap<>();

    private record Kind(TensorType type, int columns) {}

    RandomWeights(long seed) {
        this.seed = seed;
    }

    /// The bytes of the matrix with that name.
    TensorContent matrix(String name, TensorType type, int columns, int rows) {
        return out -> pools.computeIfAbsent(new Kind(type, columns), this::pool)
                .write(out, (long) columns * rows, seed * 31 + name.hashCode());
    }

    private RandomBlocks pool(Kind kind) {
        return RandomBlocks.of(kind.type, (float) (1 / Math.sqrt(kind.columns)), seed);
    }
}
