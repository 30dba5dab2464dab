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
        float rounded = x * LOG2_E + ROUNDING;
        int power = Float.floatToRawIntBits(rounded) - ROUNDING_BITS;
        float whole = rounded - ROUNDING;
        float high = Math.fma(whole, -LN2_HIGH, x);
        float rest = Math.fma(whole, -LN2_LOW, high);
        float sum = rest * 1.9875691500e-4f + 1.3981999507e-3f;
        sum = rest * sum + 8.3334519073e-3f;
        sum = rest * sum + 4.1665795894e-2f;
        sum = rest * sum + 1.6666665459e-1f;
        sum = rest * sum + 5.0000001201e-1f;
        float mantissa = rest * rest * sum + rest + 1f;
        return Float.intBitsToFloat(Float.floatToRawIntBits(mantissa) + (power << 23));
    }

    /// Below -87 the result is that of -87, above 88 that of 88.
    static FloatVector of(FloatVector exponent) {
        FloatVector x = exponent.max(LOWEST).min(HIGHEST);
        FloatVector rounded = x.mul(LOG2_E).add(ROUNDING);
        IntVector power = rounded.reinterpretAsInts().sub(ROUNDING_BITS);
        FloatVector whole = rounded.sub(ROUNDING);
        FloatVector high = whole.fma(Load.broadcast(-LN2_HIGH), x);
        FloatVector rest = whole.fma(Load.broadcast(-LN2_LOW), high);
        FloatVector sum = rest.mul(1.9875691500e-4f).add(1.3981999507e-3f);
        sum = rest.mul(sum).add(8.3334519073e-3f);
        sum = rest.mul(sum).add(4.1665795894e-2f);
        sum = rest.mul(sum).add(1.6666665459e-1f);
        sum = rest.mul(sum).add(5.0000001201e-1f);
        FloatVector mantissa = rest.mul(rest).mul(sum).add(rest).add(1f);
        return mantissa.reinterpretAsInts()
                .add(power.lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
    }
}
