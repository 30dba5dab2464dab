package dev.millrace.worker.kernel.cpu;

/// Products of quantised weights with quantised activations. What a block of 32 columns (16 in Q6_K) gives is a sum of
/// whole numbers, exact in every order; it is multiplied by the product of both scales and added to the sum of the
/// blocks before with one fused multiplication, and so is what the block's minimum adds. So all implementations give
/// the same bits, for one token and for many.
sealed interface QuantProducts permits VectorProducts, NativeProducts {

    /// Writes the product of group `group` of `matrix` with `tokens` rows to `sums` `[tokens padded to 16][64]
    /// f32`, an address.
    void multiply(CpuMatrix matrix, int group, QuantizedRows rows, int tokens, Scratch scratch, long sums);
}
