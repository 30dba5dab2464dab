package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.step.StepInput;

/// Steps that are alike enough to be launched alike: one token of each sequence, each sampled after. Rows are rounded
/// up to one of a few numbers, the spans of the longest context to a power of 2; kernels leave out what is too much.
final class Buckets {

    static final int NONE = -1;

    private static final int[] ROWS = {1, 2, 4, 8, 16, 24, 32, 48, 64};
    private static final int SPAN_POSITIONS = 256;
    /// Powers of 2, up to contexts of 134 million tokens.
    private static final int SPAN_BUCKETS = 20;

    /// How many there are.
    static final int COUNT = ROWS.length * SPAN_BUCKETS;

    private Buckets() {}

    /// The number of the step's bucket, or [#NONE].
    static int of(StepInput input, int contextLength) {
        int tokens = input.tokenCount();
        if (tokens > ROWS[ROWS.length - 1] || input.sequenceCount() != tokens || input.sampleCount() != tokens) {
            return NONE;
        }
        int row = 0;
        while (ROWS[row] < tokens) {
            row++;
        }
        int spans = Math.ceilDiv(contextLength, SPAN_POSITIONS);
        int spanBits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, spans) - 1);
        return spanBits < SPAN_BUCKETS ? row * SPAN_BUCKETS + spanBits : NONE;
    }

    /// Rows of launches.
    static int rows(int bucket) {
        return ROWS[bucket / SPAN_BUCKETS];
    }

    /// The longest context.
    static int contextLength(int bucket) {
        return SPAN_POSITIONS << bucket % SPAN_BUCKETS;
    }
}
