package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// The inner loops of attention for up to four query heads over one scratch: scores `[4][256]`, lane-wise sums of
/// weights `[4][16]`, highest scores `[4][16]` of which the first counts, weighted sums of values `[4][D padded]`, all
/// f32. Where there are fewer than four heads, the last one is computed again in place of the others.
record AttentionKernel(MemorySegment scratch, int headSize) {

    static final int HEADS = 4;
    /// Positions between two adaptations of the highest score.
    static final int RUN = 256;

    private static final long SCORES_BYTES = (long) RUN * Float.BYTES;
    private static final long LANES_BYTES = 16 * Float.BYTES;
    private static final long TOTALS = HEADS * SCORES_BYTES;
    private static final long HIGHEST = TOTALS + HEADS * LANES_BYTES;
    private static final long VALUES = HIGHEST + HEADS * LANES_BYTES;
    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    static long scratchBytes(int headSize) {
        return VALUES + (long) HEADS * Float.BYTES * CpuKvCache.paddedHead(headSize);
    }

    private long valueBytes() {
        return (long) Float.BYTES * CpuKvCache.paddedHead(headSize);
    }

    /// Nothing seen yet.
    void start() {
        scratch.asSlice(TOTALS, scratchBytes(headSize) - TOTALS).fill((byte) 0);
        for (int head = 0; head < HEADS; head++) {
            scratch.set(CpuBuffer.FLOAT, HIGHEST + head * LANES_BYTES, Float.NEGATIVE_INFINITY);
        }
    }

    /// Scores of the 16 positions of a block, which go to `at` and on.
    void score(MemorySegment queries, long query, int heads, MemorySegment kv, long keys, int at) {
        long q0 = query;
        long q1 = query + 4L * headSize * Math.min(1, heads - 1);
        long q2 = query + 4L * headSize * Math.min(2, heads - 1);
        long q3 = query + 4L * headSize * Math.min(3, heads - 1);
        FloatVector scale = Load.broadcast((float) (1 / Math.sqrt(headSize)));
        for (int lane = 0; lane < CpuKvCache.TOKENS * Float.BYTES; lane += VECTOR_BYTES) {
            FloatVector s0 = Load.zero();
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int i = 0; i < headSize; i++) {
                FloatVector key = Load.floats(kv, keys + lane + (long) i * CpuKvCache.TOKENS * Float.BYTES);
                s0 = key.fma(Load.broadcast(queries.get(CpuBuffer.FLOAT, q0 + 4L * i)), s0);
                s1 = key.fma(Load.broadcast(queries.get(CpuBuffer.FLOAT, q1 + 4L * i)), s1);
                s2 = key.fma(Load.broadcast(queries.get(CpuBuffer.FLOAT, q2 + 4L * i)), s2);
                s3 = key.fma(Load.broadcast(queries.get(CpuBuffer.FLOAT, q3 + 4L * i)), s3);
            }
            long to = 4L * at + lane;
            scale.mul(s0).intoMemorySegment(scratch, to, Lanes.ORDER);
            scale.mul(s1).intoMemorySegment(scratch, to + SCORES_BYTES, Lanes.ORDER);
            scale.mul(s2).intoMemorySegment(scratch, to + 2 * SCORES_BYTES, Lanes.ORDER);
            scale.mul(s3).intoMemorySegment(scratch, to + 3 * SCORES_BYTES, Lanes.ORDER);
        }
    }

    /// Turns the scores of `length` positions into weights under the highest score so far, and what was summed up
    /// before too.
    void soften(int length) {
        int padded = Math.ceilDiv(length, CpuKvCache.TOKENS) * CpuKvCache.TOKENS;
        for (int head = 0; head < HEADS; head++) {
            long scores = head * SCORES_BYTES;
            for (int position = length; position < padded; position++) {
                scratch.set(CpuBuffer.FLOAT, scores + 4L * position, Float.NEGATIVE_INFINITY);
            }
            float before = scratch.get(CpuBuffer.FLOAT, HIGHEST + head * LANES_BYTES);
            float highest = Math.max(before, highest(scores, 4L * padded));
            scratch.set(CpuBuffer.FLOAT, HIGHEST + head * LANES_BYTES, highest);
            float shrink = (float) Math.exp(before - highest);
            scale(TOTALS + head * LANES_BYTES, LANES_BYTES, shrink);
            scale(VALUES + head * valueBytes(), valueBytes(), shrink);
            weigh(scores, 4L * padded, highest, TOTALS + head * LANES_BYTES);
            for (int position = length; position < padded; position++) {
                scratch.set(CpuBuffer.FLOAT, scores + 4L * position, 0f);
            }
        }
    }

    private float highest(long scores, long bytes) {
        FloatVector highest = Load.broadcast(Float.NEGATIVE_INFINITY);
        for (long at = 0; at < bytes; at += VECTOR_BYTES) {
            highest = Load.floats(scratch, scores + at).max(highest);
        }
        return Load.floats(scratch, scores).max(highest).reduceLanes(VectorOperators.MAX);
    }

    private void scale(long from, long bytes, float factor) {
        for (long at = from; at < from + bytes; at += VECTOR_BYTES) {
            Load.floats(scratch, at).mul(factor).intoMemorySegment(scratch, at, Lanes.ORDER);
        }
    }

    private void weigh(long scores, long bytes, float highest, long total) {
        FloatVector sum = Load.zero();
        for (long at = scores; at < scores + bytes; at += VECTOR_BYTES) {
            FloatVector weight = Exponential.of(Load.floats(scratch, at).sub(highest));
            weight.intoMemorySegment(scratch, at, Lanes.ORDER);
            sum = weight.add(sum);
        }
        Load.floats(scratch, total).add(sum).intoMemorySegment(scratch, total, Lanes.ORDER);
    }

    /// Adds the values of `tokens` positions of a block, weighted by what stands at `at` and on.
    void add(MemorySegment kv, long values, long stride, int at, int tokens) {
        long weights = 4L * at;
        for (long lane = 0; lane < valueBytes(); lane += VECTOR_BYTES) {
            FloatVector s0 = Load.zero();
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int j = 0; j < tokens; j++) {
                FloatVector value = Load.floats(kv, values + lane + j * stride);
                long weight = weights + 4L * j;
                s0 = value.fma(Load.broadcast(scratch.get(CpuBuffer.FLOAT, weight)), s0);
                s1 = value.fma(Load.broadcast(scratch.get(CpuBuffer.FLOAT, weight + SCORES_BYTES)), s1);
                s2 = value.fma(Load.broadcast(scratch.get(CpuBuffer.FLOAT, weight + 2 * SCORES_BYTES)), s2);
                s3 = value.fma(Load.broadcast(scratch.get(CpuBuffer.FLOAT, weight + 3 * SCORES_BYTES)), s3);
            }
            long to = VALUES + lane;
            addTo(to, s0);
            addTo(to + valueBytes(), s1);
            addTo(to + 2 * valueBytes(), s2);
            addTo(to + 3 * valueBytes(), s3);
        }
    }

    private void addTo(long at, FloatVector sum) {
        Load.floats(scratch, at).add(sum).intoMemorySegment(scratch, at, Lanes.ORDER);
    }

    /// Writes the weighted means of `heads` heads, one after another.
    void finish(MemorySegment target, long offset, int heads) {
        for (int head = 0; head < heads; head++) {
            double total = 0;
            for (int lane = 0; lane < Lanes.COUNT; lane++) {
                total += scratch.get(CpuBuffer.FLOAT, TOTALS + head * LANES_BYTES + 4L * lane);
            }
            float scale = (float) (1 / total);
            for (int i = 0; i < headSize; i++) {
                float sum = scratch.get(CpuBuffer.FLOAT, VALUES + head * valueBytes() + 4L * i);
                target.set(CpuBuffer.FLOAT, offset + 4L * (head * headSize + i), sum * scale);
            }
        }
    }
}
