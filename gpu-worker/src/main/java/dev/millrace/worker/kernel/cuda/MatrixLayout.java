package dev.millrace.worker.kernel.cuda;

import dev.millrace.gguf.TensorType;

/// How many bytes the planes of a matrix have on the device: tiles of 16 rows by 32 columns in the order in which the
/// lanes of a warp take them (`units.cuh`), with missing rows and columns as zeros.
///
/// @param lowBytes quants, or their low 4 bits, or plain values
/// @param highBytes the other bits of quants
/// @param scaleBytes scales and minimums
record MatrixLayout(long lowBytes, long highBytes, long scaleBytes) {

    static final int TILE_ROWS = 16;
    static final int UNIT_COLUMNS = 32;

    private static final int SUPERBLOCK_UNITS = 8;
    private static final int TILE_VALUES = TILE_ROWS * UNIT_COLUMNS;
    private static final int PLANE_ALIGNMENT = 256;

    static MatrixLayout of(TensorType type, int rows, int columns) {
        long tileRows = Math.ceilDiv(rows, TILE_ROWS);
        long units = Math.ceilDiv(columns, UNIT_COLUMNS);
        long tiles = tileRows * units;
        long pairs = tileRows * Math.ceilDiv(units, 2);
        long superblocks = tileRows * Math.ceilDiv(units, SUPERBLOCK_UNITS);
        return switch (type) {
            case F32 -> new MatrixLayout(tiles * TILE_VALUES * Float.BYTES, 0, 0);
            case F16, BF16 -> new MatrixLayout(tiles * TILE_VALUES * Short.BYTES, 0, 0);
            case Q8_0 -> new MatrixLayout(tiles * TILE_VALUES, 0, tiles * halves(1));
            case Q4_0 -> new MatrixLayout(pairs * TILE_VALUES, 0, tiles * halves(1));
            case Q4_1 -> new MatrixLayout(pairs * TILE_VALUES, 0, tiles * halves(2));
            case Q5_0 -> new MatrixLayout(pairs * TILE_VALUES, pairs * highBits(1), tiles * halves(1));
            case Q5_1 -> new MatrixLayout(pairs * TILE_VALUES, pairs * highBits(1), tiles * halves(2));
            case Q4_K -> new MatrixLayout(pairs * TILE_VALUES, 0, superblocks * (halves(2) + ownScales()));
            case Q5_K ->
                new MatrixLayout(pairs * TILE_VALUES, pairs * highBits(1), superblocks * (halves(2) + ownScales()));
            case Q6_K ->
                new MatrixLayout(pairs * TILE_VALUES, pairs * highBits(2), superblocks * (halves(1) + ownScales()));
        };
    }

    /// `count` f16 for each row of a tile.
    private static long halves(int count) {
        return (long) count * Short.BYTES * TILE_ROWS;
    }

    /// Of two tiles side by side.
    private static long highBits(int bits) {
        return 2L * TILE_VALUES * bits / Byte.SIZE;
    }

    /// Two bytes for each row and unit of a superblock.
    private static long ownScales() {
        return 2L * TILE_ROWS * SUPERBLOCK_UNITS;
    }

    long highOffset() {
        return aligned(lowBytes);
    }

    long scaleOffset() {
        return highOffset() + aligned(highBytes);
    }

    /// All planes, one after another.
    long totalBytes() {
        return scaleOffset() + aligned(scaleBytes);
    }

    private static long aligned(long bytes) {
        return Math.ceilDiv(bytes, PLANE_ALIGNMENT) * PLANE_ALIGNMENT;
    }
}
