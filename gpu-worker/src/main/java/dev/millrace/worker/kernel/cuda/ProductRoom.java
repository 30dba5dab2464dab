package dev.millrace.worker.kernel.cuda;

/// Device memory that products need beside sources and targets.
///
/// @param blocks rows rounded in blocks of 32 columns
/// @param superblocks rows rounded in blocks of 256 columns
/// @param gates `[rows, F] f32`, the products of a feed-forward's gate
/// @param ups the same of its other matrix
record ProductRoom(RoundedRows blocks, RoundedRows superblocks, long gates, long ups) {

    /// @param rows of a step, at most
    /// @param columns of the matrices, at most
    /// @param gateRows `F`, 0 where there is no feed-forward
    static ProductRoom at(long address, int rows, int columns, int gateRows) {
        long superblocks = address + RoundedRows.bytes(rows, columns);
        long gates = superblocks + RoundedRows.bytes(rows, columns);
        return new ProductRoom(
                RoundedRows.at(address, rows, columns),
                RoundedRows.at(superblocks, rows, columns),
                gates,
                gates + gateBytes(rows, gateRows));
    }

    /// What [#at] takes from its address on, which is to be a multiple of 256.
    static long bytes(int rows, int columns, int gateRows) {
        return 2 * RoundedRows.bytes(rows, columns) + 2 * gateBytes(rows, gateRows);
    }

    /// Rows begin where 16 bytes at once can be read if there is a whole number of them.
    private static long gateBytes(int rows, int gateRows) {
        return Math.ceilDiv((long) rows * gateRows * Float.BYTES, 256) * 256;
    }
}
