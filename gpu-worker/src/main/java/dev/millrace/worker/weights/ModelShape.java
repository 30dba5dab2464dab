package dev.millrace.worker.weights;

/// The sizes that decide the shapes of a model's tensors, already checked.
///
/// @param layers `L`
/// @param hidden `H`
/// @param heads `Q`
/// @param kvHeads `K`
/// @param headSize `D`
/// @param feedForward `F`
/// @param vocabulary `V`
/// @param needsQkvBias true where queries, keys and values must have biases
/// @param needsHeadNorm true where each head of queries and keys is normalised
public record ModelShape(
        int layers,
        int hidden,
        int heads,
        int kvHeads,
        int headSize,
        int feedForward,
        int vocabulary,
        boolean needsQkvBias,
        boolean needsHeadNorm) {

    /// Values of all query heads of a token.
    public int querySize() {
        return heads * headSize;
    }

    /// Values of all KV heads of a token.
    public int kvSize() {
        return kvHeads * headSize;
    }
}
