package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;

/// Activations as products with quantised weights take them: 8 bits in blocks of one unit of 32 columns or of 8 units
/// under one scale, 16 tokens together, so that what a tile of tokens needs of a unit stands in one place. Values of
/// tokens that are missing to 16 mean nothing.
///
/// @param blockUnits units under one scale, which stands with each of them
/// @param columns for how many there is room
/// @param quants `[token / 16][unit / 2][token % 16][2][32] i8`, for native kernels
/// @param values the same numbers, `[token / 16][unit][token % 16][32]`, for the Vector API
/// @param pairs of a single token `[unit][4][4]`, two of its values each, for the Vector API; see [NibbleProduct]
/// @param scales `[token / 16][unit][token % 16] f32`
/// @param scaledSums scale times the sum of a unit, in the same places
/// @param sums sums of each 16 quants, `[token / 16][unit][token % 16][2] i32`
record QuantizedRows(
        int blockUnits,
        int columns,
        MemorySegment quants,
        float[] values,
        int[] pairs,
        MemorySegment scales,
        MemorySegment scaledSums,
        MemorySegment sums) {

    static final int TOGETHER = 16;

    /// Room (none for arrays when `measuring`) for `rows` rows of `columns` values, either for native kernels or for
    /// the Vector API.
    static QuantizedRows allocate(
            int rows,
            int columns,
            int blockUnits,
            boolean forNative,
            boolean measuring,
            LongFunction<MemorySegment> memory) {
        int units = columns / QuantLayout.UNIT_COLUMNS;
        long places = (long) Math.ceilDiv(rows, TOGETHER) * TOGETHER * units;
        return new QuantizedRows(
                blockUnits,
                columns,
                memory.apply(forNative ? quantsPlace(Math.ceilDiv(rows, TOGETHER) * TOGETHER, 0, units) : 0),
                new float[forNative || measuring ? 0 : Math.toIntExact(places * QuantLayout.UNIT_COLUMNS)],
                new int[forNative || measuring ? 0 : columns / 2],
                memory.apply(places * Float.BYTES),
                memory.apply(places * Float.BYTES),
                memory.apply(places * 2 * Integer.BYTES));
    }

    /// What [#allocate] takes.
    static long bytes(int rows, int columns, boolean forNative) {
        long[] sum = {0};
        allocate(rows, columns, 1, forNative, true, bytes -> {
            sum[0] += bytes;
            return MemorySegment.NULL;
        });
        long arrays = forNative ? 0 : (long) rows * columns * Float.BYTES;
        return sum[0] + arrays;
    }

    /// Which place a token's unit has, of rows of `units` units.
    static long place(int token, int unit, int units) {
        return ((long) (token / TOGETHER) * units + unit) * TOGETHER + token % TOGETHER;
    }

    /// Where the quants of a token's unit begin, of rows of `units` units.
    static long quantsPlace(int token, int unit, int units) {
        return place(token, unit / 2, Math.ceilDiv(units, 2)) * 2 * QuantLayout.UNIT_COLUMNS
                + unit % 2 * QuantLayout.UNIT_COLUMNS;
    }
}
