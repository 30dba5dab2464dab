package dev.millrace.worker.kernel.cpu;

/// Products of matrices of any type.
///
/// @param quantized for those with blocks
/// @param plain for those without
record Products(QuantProducts quantized, PlainProducts plain) {

    /// The best that are there of the wanted kind.
    static Products of(boolean useNative) {
        return useNative
                ? new Products(new NativeProducts(NativeLibrary.LEVEL), new PlainNativeProducts(NativeLibrary.LEVEL))
                : new Products(new VectorProducts(), new PlainVectorProducts());
    }

    /// Writes the product of group `group` of `matrix` with `tokens` rows to `sums` `[tokens padded to 16][64] f32`,
    /// an address.
    void multiply(CpuMatrix matrix, int group, ProductInputs inputs, int tokens, Scratch scratch, long sums) {
        if (matrix.layout() instanceof QuantLayout layout) {
            quantized.multiply(matrix, group, inputs.quantized(layout), tokens, scratch, sums);
        } else {
            plain.multiply(matrix, group, inputs.plain(), tokens, scratch, sums);
        }
    }
}
