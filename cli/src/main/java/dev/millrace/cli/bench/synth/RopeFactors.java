package dev.millrace.cli.bench.synth;

/// By how much Llama 3.1 and later divide the rotations of each pair, as llama.cpp's converter writes it into
/// `rope_freqs.weight`: slow pairs by the whole factor, fast ones not at all, those between in between.
final class RopeFactors {
    private static final double ORIGINAL_CONTEXT_TOKENS = 8192;
    private static final double LOW_FREQUENCY_FACTOR = 1;
    private static final double HIGH_FREQUENCY_FACTOR = 4;

    private RopeFactors() {}

    static float[] of(int headSize, float base, float factor) {
        float[] factors = new float[headSize / 2];
        for (int pair = 0; pair < factors.length; pair++) {
            double wavelength = 2 * Math.PI * Math.pow(base, 2.0 * pair / headSize);
            double turns = ORIGINAL_CONTEXT_TOKENS / wavelength;
            double smooth = (turns - LOW_FREQUENCY_FACTOR) / (HIGH_FREQUENCY_FACTOR - LOW_FREQUENCY_FACTOR);
            double kept = Math.clamp(smooth, 0.0, 1.0);
            factors[pair] = (float) (1 / ((1 - kept) / factor + kept));
        }
        return factors;
    }
}
