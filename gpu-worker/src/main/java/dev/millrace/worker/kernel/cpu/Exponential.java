package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// `exp` of each lane, within 2e-7 of the value; the polynomial is that of Cephes' expf (Moshier).
final class Exponential {

    private static final float LOWEST = -87f;
    private static final float HIGHEST = 88f;
    private static final float LOG2_E = 1.44269504f;
    /// Added to a small number it leaves the nearest integer in the lowest bits.
    private static final float ROUNDING = 0x1.8p23f;

    private static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING);
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;

    private Exponential() {}

    /// The same bits as a lane of a vector has.
    static float of(float exponent) {
        float x = Math.min(Math.max(exponent, LOWEST), HIGHEST);
        float rounded = Math.fma(x, LOG2_E, ROUNDING);
        int power = Float.floatToRawIntBits(rounded) - ROUNDING_BITS;
        float whole = rounded - ROUNDING;
        float high = Math.fma(whole, -LN2_HIGH, x);
        float rest = Math.fma(whole, -LN2_LOW, high);
        float sum = Math.fma(rest, 1.9875691500e-4f, 1.3981999507e-3f);
        sum = Math.fma(rest, sum, 8.3334519073e-3f);
        sum = Math.fma(rest, sum, 4.1665795894e-2f);
        sum = Math.fma(rest, sum, 1.6666665459e-1f);
        sum = Math.fma(rest, sum, 5.0000001201e-1f);
        float mantissa = Math.fma(rest * rest, sum, rest) + 1f;
        return Float.intBitsToFloat(Float.floatToRawIntBits(mantissa) + (power << 23));
    }

    /// Below -87 the result is that of -87, above 88 that of 88.
    static FloatVector of(FloatVector exponent) {
        FloatVector x = exponent.max(LOWEST).min(HIGHEST);
        FloatVector rounded = x.fma(Load.broadcast(LOG2_E), Load.broadcast(ROUNDING));
        IntVector power = rounded.reinterpretAsInts().sub(ROUNDING_BITS);
        FloatVector whole = rounded.sub(ROUNDING);
        FloatVector high = whole.fma(Load.broadcast(-LN2_HIGH), x);
        FloatVector rest = whole.fma(Load.broadcast(-LN2_LOW), high);
        FloatVector sum = rest.fma(Load.broadcast(1.9875691500e-4f), Load.broadcast(1.3981999507e-3f));
        sum = rest.fma(sum, Load.broadcast(8.3334519073e-3f));
        sum = rest.fma(sum, Load.broadcast(4.1665795894e-2f));
        sum = rest.fma(sum, Load.broadcast(1.6666665459e-1f));
        sum = rest.fma(sum, Load.broadcast(5.0000001201e-1f));
        FloatVector mantissa = rest.mul(rest).fma(sum, rest).add(1f);
        return mantissa.reinterpretAsInts()
                .add(power.lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
    }
}
