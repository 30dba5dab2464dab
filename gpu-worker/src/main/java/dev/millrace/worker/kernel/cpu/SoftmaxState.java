package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// What is known of the attention of one query head after some positions, f32 at an address: the highest score (the
/// first of 16), sums of weights by lane `[16]`, weighted sums of values `[D, padded to 16]`. Weights are
/// `exp(score - highest)`. There are 16 lanes whatever a vector has, so that all vectors give the same bits.
final class SoftmaxState {

    static final int VALUES = 2 * 16 * Float.BYTES;

    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;
    private static final int LANES = 16;
    private static final int TOTALS = LANES * Float.BYTES;
    /// Smaller weights do not count beside the largest one of 1, and their products with values could be subnormal
    /// numbers, which are slow.
    private static final float LEAST_EXPONENT = -60f;

    private SoftmaxState() {}

    static long bytes(int headSize) {
        return VALUES + (long) Float.BYTES * KvFormat.padded(headSize);
    }

    /// Nothing seen yet.
    static void start(long state, long bytes) {
        Raw.zero(state, bytes);
        Raw.set(state, Float.NEGATIVE_INFINITY);
    }

    /// Turns `length` scores into weights under the highest score so far, and what was summed up before too. Room for
    /// whole 16 is needed; what follows the weights there is 0 afterwards.
    static void soften(long scores, int length, long state, long stateBytes) {
        long end = scores + 4L * Math.ceilDiv(length, LANES) * LANES;
        for (long at = scores + 4L * length; at < end; at += Float.BYTES) {
            Raw.set(at, Float.NEGATIVE_INFINITY);
        }
        float before = Raw.get(state);
        float highest = Math.max(before, highest(scores, end));
        Raw.set(state, highest);
        if (highest != before) {
            scale(state, stateBytes, shrink(before, highest));
        }
        weigh(scores, end, highest, state + TOTALS);
        for (long at = scores + 4L * length; at < end; at += Float.BYTES) {
            Raw.set(at, 0f); // its share of the total is too small to count
        }
    }

    private static float shrink(float before, float highest) {
        return before - highest < LEAST_EXPONENT ? 0f : Exponential.of(before - highest);
    }

    private static float highest(long from, long end) {
        FloatVector highest = Load.broadcast(Float.NEGATIVE_INFINITY);
        for (long at = from; at < end; at += VECTOR_BYTES) {
            highest = Raw.floats(at).max(highest);
        }
        return Raw.floats(from).max(highest).reduceLanes(VectorOperators.MAX);
    }

    private static void scale(long state, long bytes, float factor) {
        for (long at = state + TOTALS; at < state + bytes; at += VECTOR_BYTES) {
            Raw.floats(at).mul(factor).intoMemorySegment(Raw.MEMORY, at, Lanes.ORDER);
        }
    }

    private static void weigh(long from, long end, float highest, long totals) {
        for (long lane = 0; lane < TOTALS; lane += VECTOR_BYTES) {
            FloatVector sum = Load.zero();
            for (long at = from + lane; at < end; at += TOTALS) {
                FloatVector weight = Exponential.of(Raw.floats(at).sub(highest).max(LEAST_EXPONENT));
                Raw.set(at, weight);
                sum = weight.add(sum);
            }
            Raw.floats(totals + lane).add(sum).intoMemorySegment(Raw.MEMORY, totals + lane, Lanes.ORDER);
        }
    }

    /// Adds weighted sums of values.
    static void add(long state, long sums, long bytes) {
        for (long at = 0; at < bytes; at += VECTOR_BYTES) {
            Raw.set(state + VALUES + at, Raw.floats(state + VALUES + at).add(Raw.floats(sums + at)));
        }
    }

    /// Adds what is known of later positions.
    static void merge(long state, long later, long bytes) {
        float mine = Raw.get(state);
        float theirs = Raw.get(later);
        float highest = Math.max(mine, theirs);
        float keep = shrink(mine, highest);
        float take = shrink(theirs, highest);
        Raw.set(state, highest);
        for (long at = TOTALS; at < bytes; at += VECTOR_BYTES) {
            Raw.floats(state + at)
                    .mul(keep)
                    .add(Raw.floats(later + at).mul(take))
                    .intoMemorySegment(Raw.MEMORY, state + at, Lanes.ORDER);
        }
    }

    /// Writes the weighted mean of `headSize` values.
    static void finish(long state, int headSize, long to) {
        double total = 0;
        for (int lane = 0; lane < LANES; lane++) {
            total += Raw.get(state + TOTALS + 4L * lane);
        }
        float scale = (float) (1 / total);
        int whole = headSize / Lanes.COUNT * Lanes.COUNT;
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            Raw.floats(state + VALUES + 4L * i).mul(scale).intoMemorySegment(Raw.MEMORY, to + 4L * i, Lanes.ORDER);
        }
        for (int i = whole; i < headSize; i++) {
            Raw.set(to + 4L * i, Raw.get(state + VALUES + 4L * i) * scale);
        }
    }
}
