package dev.millrace.worker.kernel.reference;

import dev.millrace.worker.step.KvType;

/// What is left of keys and values after they were kept as a [KvType].
final class KvRounding {

    private static final float SMALLEST_NORMAL_HALF = 0x1p-14f;
    private static final float LARGEST_HALF = 65504f;
    private static final int GROUP = 32;

    private KvRounding() {}

    /// Rounds the values of a head in place.
    static void round(KvType type, float[] values, int from, int size) {
        switch (type) {
            case F16 -> {
                for (int i = from; i < from + size; i++) {
                    values[i] = half(values[i]);
                }
            }
            case Q8_0 -> {
                for (int i = from; i < from + size; i += GROUP) {
                    bytes(values, i, Math.min(from + size, i + GROUP));
                }
            }
            case F32 -> {}
        }
    }

    private static float half(float value) {
        float rounded = Float.float16ToFloat(Float.floatToFloat16(value));
        float kept = Math.abs(rounded) < SMALLEST_NORMAL_HALF ? 0 : rounded;
        return Math.clamp(kept, -LARGEST_HALF, LARGEST_HALF);
    }

    private static void bytes(float[] values, int from, int end) {
        float largest = 0;
        for (int i = from; i < end; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        float scale = Math.min(LARGEST_HALF, largest / 127);
        float kept = Float.float16ToFloat(Float.floatToFloat16(scale));
        for (int i = from; i < end; i++) {
            double quotient = scale == 0 ? 0 : Math.rint(values[i] * (1 / scale));
            values[i] = kept * (float) Math.clamp(quotient, -127, 127);
        }
    }
}
