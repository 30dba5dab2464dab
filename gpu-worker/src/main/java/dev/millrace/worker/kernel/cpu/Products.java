package dev.millrace.worker.kernel.cpu;

/// Products of matrices of any type.
///
/// @param quantized for those with blocks
record Products(QuantProducts quantized) {

    /// Writes the product of group `group` of `matrix` with `tokens` rows to `sums` `[tokens padded to 16][64] f32`,
    /// an address.
    void multiply(CpuMatrix matrix, int group, ProductInputs inputs, int tokens, Scratch scratch, long sums) {
        if (isQuantized(matrix)) {
            quantized.multiply(matrix, group, inputs.quantized(), tokens, scratch, sums);
        } else {
            PlainProducts.multiply(matrix, group, inputs.plain().values(), matrix.columns(), tokens, scratch, sums);
        }
    }

    static boolean isQuantized(CpuMatrix matrix) {
        return matrix.layout() instanceof QuantLayout;
    }
}
