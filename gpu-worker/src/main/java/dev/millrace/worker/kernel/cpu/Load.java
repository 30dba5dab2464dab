package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Numbers of any storage type as a vector of floats.
final class Load {

    private static final int HALF_MANTISSA_SHIFT = 13;
    private static final int HALF_TO_FLOAT_EXPONENT = (127 - 15) << 23;
    private static final int SMALLEST_NORMAL_HALF = (127 - 14) << 23;

    /// What is left of a half after the shift and without the copies of its sign.
    private static final int SIGN_AND_HALF = 0x8fff_ffff;

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(Lanes.ORDER);

    private Load() {}

    static FloatVector floats(MemorySegment source, long offset) {
        return FloatVector.fromMemorySegment(Lanes.FLOATS, source, offset, Lanes.ORDER);
    }

    static IntVector ints(MemorySegment source, long offset) {
        return IntVector.fromMemorySegment(Lanes.INTS, source, offset, Lanes.ORDER);
    }

    /// Signed bytes.
    static FloatVector bytes(MemorySegment source, long offset) {
        return (FloatVector) ByteVector.fromMemorySegment(Lanes.BYTES, source, offset, Lanes.ORDER)
                .convertShape(VectorOperators.B2F, Lanes.FLOATS, 0);
    }

    /// The upper halves of floats.
    static FloatVector brainFloats(MemorySegment source, long offset) {
        return shorts(source, offset).lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
    }

    /// Half-precision floats; exact for all finite ones, without arithmetic on subnormal numbers, which is slow.
    static FloatVector halves(MemorySegment source, long offset) {
        IntVector bits = shorts(source, offset);
        IntVector magnitude = bits.and(0x7fff).lanewise(VectorOperators.LSHL, HALF_MANTISSA_SHIFT);
        VectorMask<Integer> subnormal = magnitude.lt(1 << 23);
        IntVector normal = magnitude.add(HALF_TO_FLOAT_EXPONENT);
        IntVector small = magnitude
                .add(SMALLEST_NORMAL_HALF)
                .reinterpretAsFloats()
                .sub(0x1p-14f)
                .reinterpretAsInts();
        return normal.blend(small, subnormal).or(bits.and(0x8000_0000)).reinterpretAsFloats();
    }

    /// Half-precision floats that are 0 or normal.
    static FloatVector normalHalves(MemorySegment source, long offset) {
        return shorts(source, offset)
                .lanewise(VectorOperators.LSHL, HALF_MANTISSA_SHIFT)
                .and(SIGN_AND_HALF)
                .reinterpretAsFloats()
                .mul(0x1p112f);
    }

    /// Sign-extended.
    private static IntVector shorts(MemorySegment source, long offset) {
        return (IntVector) ShortVector.fromMemorySegment(Lanes.SHORTS, source, offset, Lanes.ORDER)
                .convertShape(VectorOperators.S2I, Lanes.INTS, 0);
    }

    static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }

    static FloatVector zero() {
        return FloatVector.zero(Lanes.FLOATS);
    }
}
