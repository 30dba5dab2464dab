package dev.millrace.worker.kernel.cpu;

/// Rows in the forms in which matrices take them; which of these is filled depends on the matrices.
///
/// @param blocks rounded in blocks of 32 columns
/// @param superblocks rounded in blocks of 256 columns, for K types
record ProductInputs(PlainRows plain, QuantizedRows blocks, QuantizedRows superblocks) {

    /// Those that a matrix of this layout takes.
    QuantizedRows quantized(QuantLayout layout) {
        return layout.hasUnitScales() ? superblocks : blocks;
    }
}
