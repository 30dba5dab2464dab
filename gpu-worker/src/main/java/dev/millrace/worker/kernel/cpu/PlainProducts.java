package dev.millrace.worker.kernel.cpu;

/// Products of weights that are floats with activations that are, too, in f32. Panels of 128 columns are summed from
/// zero, column by column with one fused multiplication each, and added to what the panels before gave. So all
/// implementations give the same bits, for one token and for many.
sealed interface PlainProducts permits PlainVectorProducts, PlainNativeProducts {

    /// Columns that are summed on their own.
    int PANEL_COLUMNS = 128;

    /// Writes the product of group `group` of `matrix` with `tokens` rows to `sums` `[tokens][64] f32`, an address.
    void multiply(CpuMatrix matrix, int group, PlainRows rows, int tokens, Scratch scratch, long sums);
}
