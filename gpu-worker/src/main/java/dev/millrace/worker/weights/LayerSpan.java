package dev.millrace.worker.weights;

/// The neighbouring layers of a model that one stage holds.
///
/// @param first the first layer, from 0
/// @param count how many, at least 1
/// @param total layers of the model
public record LayerSpan(int first, int count, int total) {

    public LayerSpan {
        if (first < 0 || count < 1 || total < 1 || count > total - first) {
            throw new IllegalArgumentException(
                    "%d layers from layer %d on are no span of %d layers".formatted(count, first, total));
        }
    }

    /// All layers of a model.
    public static LayerSpan all(int total) {
        return new LayerSpan(0, total, total);
    }

    /// True for the stage that starts from token ids and holds the embedding.
    public boolean isFirst() {
        return first == 0;
    }

    /// True for the stage that ends in logits and holds the output matrix.
    public boolean isLast() {
        return first + count == total;
    }
}
