package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.RopePairs;
import jdk.incubator.vector.FloatVector;

/// Rotary positions in place; a unit is a token.
final class RopeTask implements Task {

    private CpuBuffer heads;
    private CpuRopeTable table;
    private int headSize;

    RopeTask(CpuBuffer empty) {
        heads = empty;
        table = new CpuRopeTable(new double[0], 1f, RopePairs.HALVES, 0);
    }

    void prepare(CpuBuffer inPlace, int valuesOfHead, CpuRopeTable angles) {
        heads = inPlace;
        headSize = valuesOfHead;
        table = angles;
    }

    @Override
    public void run(int token, int thread) {
        int pairs = table.size();
        int first = token * pairs;
        long start = heads.values().address() + heads.offset(token);
        for (long head = start; head < start + 4L * heads.columns(); head += 4L * headSize) {
            if (table.pairs() == RopePairs.HALVES) {
                int whole = pairs / Lanes.COUNT * Lanes.COUNT;
                turnVectors(head, head + 4L * pairs, whole, table.cosines(), table.sines(), first);
                turn(head, 4L * pairs, 4, whole, pairs, table.cosines(), table.sines(), first);
            } else {
                turn(head, 4, 8, 0, pairs, table.cosines(), table.sines(), first);
            }
        }
    }

    /// Turns the first `count` pairs, whole vectors of them, of the values from `x` and from `y` on.
    private static void turnVectors(long x, long y, int count, float[] cosines, float[] sines, int first) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector cosine = FloatVector.fromArray(Lanes.FLOATS, cosines, first + i);
            FloatVector sine = FloatVector.fromArray(Lanes.FLOATS, sines, first + i);
            FloatVector before = Raw.floats(x + 4L * i);
            FloatVector after = Raw.floats(y + 4L * i);
            Raw.set(x + 4L * i, before.mul(cosine).sub(after.mul(sine)));
            Raw.set(y + 4L * i, before.mul(sine).add(after.mul(cosine)));
        }
    }

    /// Turns the pairs `from` up to `end` of a head. The values of one are `between` bytes apart, those of the next
    /// follow after `step` bytes.
    private static void turn(
            long head, long between, long step, int from, int end, float[] cosines, float[] sines, int first) {
        for (int i = from; i < end; i++) {
            long at = head + step * i;
            float cosine = cosines[first + i];
            float sine = sines[first + i];
            float x = Raw.get(at);
            float y = Raw.get(at + between);
            Raw.set(at, x * cosine - y * sine);
            Raw.set(at + between, x * sine + y * cosine);
        }
    }
}
