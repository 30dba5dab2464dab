package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// What is known of the attention of one query head after some positions, f32 in a segment: the highest score (the
/// first of 16), sums of weights by lane `[16]`, weighted sums of values `[D, padded to 16]`. Weights are
/// `exp(score - highest)`.
final class SoftmaxState {

    static final int VALUES = 2 * 16 * Float.BYTES;

    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;
    private static final int TOTALS = 16 * Float.BYTES;
    /// Smaller weights do not count beside the largest one of 1, and their products with values could be subnormal
    /// numbers, which are slow.
    private static final float LEAST_EXPONENT = -60f;

    private SoftmaxState() {}

    static long bytes(int headSize) {
        return VALUES + (long) Float.BYTES * KvFormat.padded(headSize);
    }

    /// Nothing seen yet.
    static void start(MemorySegment states, long state, long bytes) {
        for (long at = state; at < state + bytes; at += VECTOR_BYTES) {
            Load.zero().intoMemorySegment(states, at, Lanes.ORDER);
        }
        states.set(CpuBuffer.FLOAT, state, Float.NEGATIVE_INFINITY);
    }

    /// Turns `length` scores into weights under the highest score so far, and what was summed up before too. Room for
    /// whole vectors is needed; what follows the weights there is 0 afterwards.
    static void soften(MemorySegment memory, long scores, int length, long state, long stateBytes) {
        long end = scores + 4L * Math.ceilDiv(length, Lanes.COUNT) * Lanes.COUNT;
        for (long at = scores + 4L * length; at < end; at += Float.BYTES) {
            memory.set(CpuBuffer.FLOAT, at, Float.NEGATIVE_INFINITY);
        }
        float before = memory.get(CpuBuffer.FLOAT, state);
        float highest = Math.max(before, highest(memory, scores, end));
        memory.set(CpuBuffer.FLOAT, state, highest);
        if (highest != before) {
            scale(memory, state, stateBytes, shrink(before, highest));
        }
        long whole = scores + 4L * (length / Lanes.COUNT) * Lanes.COUNT;
        weigh(memory, scores, whole, highest, state + TOTALS);
        if (whole < end) {
            Exponential.of(Load.floats(memory, whole).sub(highest).max(LEAST_EXPONENT))
                    .intoMemorySegment(memory, whole, Lanes.ORDER);
            for (long at = scores + 4L * length; at < end; at += Float.BYTES) {
                memory.set(CpuBuffer.FLOAT, at, 0f);
            }
            Load.floats(memory, state + TOTALS)
                    .add(Load.floats(memory, whole))
                    .intoMemorySegment(memory, state + TOTALS, Lanes.ORDER);
        }
    }

    private static float shrink(float before, float highest) {
        return before - highest < LEAST_EXPONENT ? 0f : (float) Math.exp(before - highest);
    }

    private static float highest(MemorySegment memory, long from, long end) {
        FloatVector highest = Load.broadcast(Float.NEGATIVE_INFINITY);
        for (long at = from; at < end; at += VECTOR_BYTES) {
            highest = Load.floats(memory, at).max(highest);
        }
        return Load.floats(memory, from).max(highest).reduceLanes(VectorOperators.MAX);
    }

    private static void scale(MemorySegment states, long state, long bytes, float factor) {
        for (long at = state + TOTALS; at < state + bytes; at += VECTOR_BYTES) {
            Load.floats(states, at).mul(factor).intoMemorySegment(states, at, Lanes.ORDER);
        }
    }

    private static void weigh(MemorySegment memory, long from, long end, float highest, long total) {
        FloatVector sum = Load.zero();
        for (long at = from; at < end; at += VECTOR_BYTES) {
            FloatVector weight =
                    Exponential.of(Load.floats(memory, at).sub(highest).max(LEAST_EXPONENT));
            weight.intoMemorySegment(memory, at, Lanes.ORDER);
            sum = weight.add(sum);
        }
        Load.floats(memory, total).add(sum).intoMemorySegment(memory, total, Lanes.ORDER);
    }

    /// Adds what is known of later positions.
    static void merge(MemorySegment into, long state, MemorySegment more, long later, long bytes) {
        float mine = into.get(CpuBuffer.FLOAT, state);
        float theirs = more.get(CpuBuffer.FLOAT, later);
        float highest = Math.max(mine, theirs);
        float keep = shrink(mine, highest);
        float take = shrink(theirs, highest);
        into.set(CpuBuffer.FLOAT, state, highest);
        for (long at = TOTALS; at < bytes; at += VECTOR_BYTES) {
            Load.floats(into, state + at)
                    .mul(keep)
                    .add(Load.floats(more, later + at).mul(take))
                    .intoMemorySegment(into, state + at, Lanes.ORDER);
        }
    }

    /// Writes the weighted mean of `headSize` values.
    static void finish(MemorySegment states, long state, int headSize, MemorySegment target, long to) {
        double total = 0;
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            total += states.get(CpuBuffer.FLOAT, state + TOTALS + 4L * lane);
        }
        float scale = (float) (1 / total);
        int whole = headSize / Lanes.COUNT * Lanes.COUNT;
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            Load.floats(states, state + VALUES + 4L * i)
                    .mul(scale)
                    .intoMemorySegment(target, to + 4L * i, Lanes.ORDER);
        }
        for (int i = whole; i < headSize; i++) {
            target.set(CpuBuffer.FLOAT, to + 4L * i, states.get(CpuBuffer.FLOAT, state + VALUES + 4L * i) * scale);
        }
    }
}
