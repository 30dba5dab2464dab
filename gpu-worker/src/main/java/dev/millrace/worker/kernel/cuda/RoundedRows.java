package dev.millrace.worker.kernel.cuda;

/// Rows of 8 bits as products with quantised weights take them (`rounding.cuh`), by addresses of the device: quants
/// `[row][unit][32] i8`, scales `[row][unit] f32`, sums `[row][unit] i32`, units being 32 columns.
record RoundedRows(long quants, long scales, long sums) {

    /// Where no rows are wanted.
    static final RoundedRows NONE = new RoundedRows(0, 0, 0);

    private static final int ALIGNMENT = 256;

    /// Room for rounding rows that were laid out by [#bytes] from `address` on.
    static RoundedRows at(long address, int rows, int columns) {
        long scales = address + aligned((long) rows * columns);
        long sums = scales + aligned(unitBytes(rows, columns));
        return new RoundedRows(address, scales, sums);
    }

    /// Of `rows` rows of at most `columns` columns.
    static long bytes(int rows, int columns) {
        return aligned((long) rows * columns) + 2 * aligned(unitBytes(rows, columns));
    }

    private static long unitBytes(int rows, int columns) {
        return (long) rows * Math.ceilDiv(columns, MatrixLayout.UNIT_COLUMNS) * Float.BYTES;
    }

    private static long aligned(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }
}
