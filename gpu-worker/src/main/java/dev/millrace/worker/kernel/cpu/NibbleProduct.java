package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// Sums of a unit of 4-bit quants times one token, in 16 bits: a short holds two bytes of a row, so four of its columns,
/// and 16 products of at most 15 by 127 fit. That takes half the instructions of floats.
final class NibbleProduct {

    /// The first columns of the pairs by which the four nibbles of a row's two shorts are multiplied, lowest first.
    static final int[] PAIR_COLUMNS = {0, 4, 1, 5};

    private static final int VECTOR_BYTES = Lanes.COUNT * Integer.BYTES;
    private static final int EIGHT_COLUMNS_BYTES = RowLayout.GROUP_ROWS * Integer.BYTES;

    private NibbleProduct() {}

    /// `sums [64] f32 = quants * values + start`, by addresses.
    static void one(long quants, long pairs, float start, long sums) {
        for (int row = 0; row < EIGHT_COLUMNS_BYTES; row += 2 * VECTOR_BYTES) {
            ShortVector s0 = ShortVector.zero(Lanes.HALF_INTS);
            ShortVector s1 = s0;
            for (int eight = 0; eight < 4; eight++) {
                long at = quants + row + (long) eight * EIGHT_COLUMNS_BYTES;
                long pair = pairs + 16L * eight;
                ShortVector w0 = shorts(at);
                ShortVector w1 = shorts(at + VECTOR_BYTES);
                ShortVector x = pair(pair);
                s0 = w0.and((short) 15).mul(x).add(s0);
                s1 = w1.and((short) 15).mul(x).add(s1);
                x = pair(pair + 4);
                s0 = w0.lanewise(VectorOperators.LSHR, 4).and((short) 15).mul(x).add(s0);
                s1 = w1.lanewise(VectorOperators.LSHR, 4).and((short) 15).mul(x).add(s1);
                x = pair(pair + 8);
                s0 = w0.lanewise(VectorOperators.LSHR, 8).and((short) 15).mul(x).add(s0);
                s1 = w1.lanewise(VectorOperators.LSHR, 8).and((short) 15).mul(x).add(s1);
                x = pair(pair + 12);
                s0 = w0.lanewise(VectorOperators.LSHR, 12).mul(x).add(s0);
                s1 = w1.lanewise(VectorOperators.LSHR, 12).mul(x).add(s1);
            }
            Raw.set(sums + row, both(s0, start));
            Raw.set(sums + row + VECTOR_BYTES, both(s1, start));
        }
    }

    private static ShortVector shorts(long at) {
        return ShortVector.fromMemorySegment(Lanes.HALF_INTS, Raw.MEMORY, at, Lanes.ORDER);
    }

    private static ShortVector pair(long at) {
        return IntVector.broadcast(Lanes.INTS, Raw.bits(at)).reinterpretAsShorts();
    }

    /// The two shorts of each int, added.
    private static FloatVector both(ShortVector sums, float start) {
        IntVector ints = ShortVector.zero(Lanes.HALF_INTS).add(sums).reinterpretAsInts();
        IntVector low = ints.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
        IntVector whole = ints.lanewise(VectorOperators.ASHR, 16).add(low);
        return ((FloatVector) whole.convert(VectorOperators.I2F, 0)).add(start);
    }
}
