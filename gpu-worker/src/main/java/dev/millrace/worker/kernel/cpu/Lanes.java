package dev.millrace.worker.kernel.cpu;

import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Vectors of as many lanes as this machine has for f32, 16 at the most, with the same number of lanes for every type:
/// a lane is a row of a matrix, a position of a KV block or a value of a token.
///
/// Rule for all kernels here: a vector that a loop carries is an argument of its methods and never the receiver
/// (`weights.fma(x, sum)`, not `sum.add(..)`); as a receiver it is boxed and the loop is slower by an order of
/// magnitude.
final class Lanes {

    static final VectorSpecies<Float> FLOATS =
            FloatVector.SPECIES_PREFERRED.length() > 16 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;

    static final int COUNT = FLOATS.length();

    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());

    /// Two to an int.
    static final VectorSpecies<Short> HALF_INTS = VectorSpecies.of(short.class, FLOATS.vectorShape());

    static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(COUNT * Short.SIZE));

    /// Where lanes are few, half of the smallest byte vector is not used.
    static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, COUNT * Byte.SIZE)));

    static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    /// Bytes that a load may read past the values that it is meant for.
    static final int OVERREAD_BYTES = 64;

    private Lanes() {}

    /// For people.
    static String description() {
        return FLOATS.vectorBitSize() + "-bit vectors";
    }

    static {
        assert FloatVector.zero(FLOATS).length() == IntVector.zero(INTS).length();
        assert ShortVector.zero(SHORTS).length() == COUNT
                && ByteVector.zero(BYTES).length() >= COUNT;
    }
}
