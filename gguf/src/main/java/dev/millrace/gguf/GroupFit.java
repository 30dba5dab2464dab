package dev.millrace.gguf;

/// Finds scale, minimum and codes for one group of a K format, `element = scale * code - minimum`: a search over
/// slightly wider and narrower ranges with a weighted least-squares fit for each, as llama.cpp does it.
final class GroupFit {
    static final int ELEMENTS = 32;

    private final float[] weights = new float[ELEMENTS];
    private final int[] codes = new int[ELEMENTS];
    private float scale;
    private float minimum;

    /// At least 0.
    float scale() {
        return scale;
    }

    /// At least 0, to be subtracted.
    float minimum() {
        return minimum;
    }

    /// Fits `in[at..at + 32)` with codes from 0 to `most`; the ranges tried differ from the plain one by `widest` codes
    /// and up, in `steps` steps of a tenth.
    void fit(float[] in, int at, int most, float widest, int steps) {
        weigh(in, at);
        float least = Math.min(0, in[at]);
        float greatest = in[at];
        float sumWeights = 0;
        float sumElements = 0;
        for (int index = 0; index < ELEMENTS; index++) {
            least = Math.min(least, in[at + index]);
            greatest = Math.max(greatest, in[at + index]);
            sumWeights += weights[index];
            sumElements += weights[index] * in[at + index];
        }
        scale = (greatest - least) / most;
        minimum = -least;
        if (scale == 0) {
            return;
        }
        round(in, at, least, 1 / scale, most);
        float best = error(in, at, scale, least);
        float lower = least;
        for (int step = 0; step <= steps; step++) {
            round(in, at, least, (widest + 0.1f * step + most) / (greatest - least), most);
            float sumCodes = 0;
            float sumSquares = 0;
            float sumProducts = 0;
            for (int index = 0; index < ELEMENTS; index++) {
                float weighted = weights[index] * codes[index];
                sumCodes += weighted;
                sumSquares += weighted * codes[index];
                sumProducts += weighted * in[at + index];
            }
            float determinant = sumWeights * sumSquares - sumCodes * sumCodes;
            if (determinant > 0) {
                float slope = (sumWeights * sumProducts - sumElements * sumCodes) / determinant;
                float start = (sumSquares * sumElements - sumCodes * sumProducts) / determinant;
                if (start > 0) {
                    start = 0;
                    slope = sumProducts / sumSquares;
                }
                float error = error(in, at, slope, start);
                if (error < best) {
                    best = error;
                    scale = slope;
                    lower = start;
                }
            }
        }
        minimum = -lower;
    }

    /// Large elements matter more.
    private void weigh(float[] in, int at) {
        float squares = 0;
        for (int index = 0; index < ELEMENTS; index++) {
            squares += in[at + index] * in[at + index];
        }
        float size = (float) Math.sqrt(squares / ELEMENTS);
        for (int index = 0; index < ELEMENTS; index++) {
            weights[index] = size + Math.abs(in[at + index]);
        }
    }

    private void round(float[] in, int at, float least, float inverse, int most) {
        for (int index = 0; index < ELEMENTS; index++) {
            codes[index] = Math.clamp((int) Math.rint(inverse * (in[at + index] - least)), 0, most);
        }
    }

    private float error(float[] in, int at, float slope, float start) {
        float error = 0;
        for (int index = 0; index < ELEMENTS; index++) {
            float difference = slope * codes[index] + start - in[at + index];
            error += weights[index] * difference * difference;
        }
        return error;
    }
}
