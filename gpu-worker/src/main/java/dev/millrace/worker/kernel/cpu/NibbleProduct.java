package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// Sums of a unit of 4-bit quants times one token, in 16 bits: a short holds two bytes of a row, so four of its
/// columns,
/// and 16 products of at most 15 by 127 fit. That takes half the instructions of floats.
final class NibbleProduct {

    /// The first columns of the pairs by which the four nibbles of a row's two shorts are multiplied, lowest first.
    static final int[] PAIR_COLUMNS = {0, 4, 1, 5};

    /// Pairs of a unit.
    static final int UNIT_PAIRS = 16;

    private static final int VECTOR_BYTES = Lanes.COUNT * Integer.BYTES;
    private static final int EIGHT_COLUMNS_BYTES = RowLayout.GROUP_ROWS * Integer.BYTES;

    private NibbleProduct() {}

    /// `sums [64] f32 = quants * pairs + start`, quants and sums at addresses. The quants are read from front to back,
    /// as
    /// memory likes it best, and the sums, whose place is taken by shorts until the end, stay in the nearest cache.
    static void one(long quants, int[] pairs, int first, float start, long sums) {
        for (int row = 0; row < EIGHT_COLUMNS_BYTES; row += VECTOR_BYTES) {
            ShortVector.zero(Lanes.HALF_INTS).intoMemorySegment(Raw.MEMORY, sums + row, Lanes.ORDER);
        }
        for (int at = 0; at < 4 * EIGHT_COLUMNS_BYTES; at += VECTOR_BYTES) {
            int pair = first + at / EIGHT_COLUMNS_BYTES * 4;
            long sum = sums + at % EIGHT_COLUMNS_BYTES;
            ShortVector w = shorts(quants + at);
            ShortVector s = w.and((short) 15).mul(pair(pairs[pair])).add(shorts(sum));
            s = w.lanewise(VectorOperators.LSHR, 4)
                    .and((short) 15)
                    .mul(pair(pairs[pair + 1]))
                    .add(s);
            s = w.lanewise(VectorOperators.LSHR, 8)
                    .and((short) 15)
                    .mul(pair(pairs[pair + 2]))
                    .add(s);
            s = w.lanewise(VectorOperators.LSHR, 12).mul(pair(pairs[pair + 3])).add(s);
            s.intoMemorySegment(Raw.MEMORY, sum, Lanes.ORDER);
        }
        for (int row = 0; row < EIGHT_COLUMNS_BYTES; row += VECTOR_BYTES) {
            Raw.set(sums + row, both(Raw.ints(sums + row), start));
        }
    }

    private static ShortVector shorts(long at) {
        return ShortVector.fromMemorySegment(Lanes.HALF_INTS, Raw.MEMORY, at, Lanes.ORDER);
    }

    private static ShortVector pair(int both) {
        return IntVector.broadcast(Lanes.INTS, both).reinterpretAsShorts();
    }

    /// The two shorts of each int, added.
    private static FloatVector both(IntVector ints, float start) {
        IntVector low = ints.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
        IntVector whole = ints.lanewise(VectorOperators.ASHR, 16).add(low);
        return ((FloatVector) whole.convert(VectorOperators.I2F, 0)).add(start);
    }
}
