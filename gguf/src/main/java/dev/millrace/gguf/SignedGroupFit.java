package dev.millrace.gguf;

/// Finds the scale for a group of 16 elements with codes from -32 to 31: a search around the scale that gives the
/// element farthest from 0 the code -32, with a least-squares fit for each, as llama.cpp does it.
final class SignedGroupFit {
    static final int ELEMENTS = 16;
    private static final int MOST = 32;
    private static final int STEPS = 9;

    private SignedGroupFit() {}

    /// The scale for `in[at..at + 16)`, of either sign; 0 where the elements are.
    static float scale(float[] in, int at) {
        float farthest = 0;
        for (int index = at; index < at + ELEMENTS; index++) {
            farthest = Math.abs(in[index]) > Math.abs(farthest) ? in[index] : farthest;
        }
        if (Math.abs(farthest) < SuperBlockEncoder.SMALLEST) {
            return 0;
        }
        float best = 0;
        float scale = 0;
        for (int step = -STEPS; step <= STEPS; step++) {
            float inverse = -(MOST + 0.1f * step) / farthest;
            float products = 0;
            float squares = 0;
            for (int index = at; index < at + ELEMENTS; index++) {
                int code = Math.clamp((int) Math.rint(inverse * in[index]), -MOST, MOST - 1);
                float weighted = in[index] * in[index] * code;
                products += weighted * in[index];
                squares += weighted * code;
            }
            if (squares > 0 && products * products > best * squares) {
                scale = products / squares;
                best = scale * products;
            }
        }
        return scale;
    }
}
