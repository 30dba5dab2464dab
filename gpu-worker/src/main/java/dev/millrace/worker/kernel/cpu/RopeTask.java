package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.RopePairs;
import java.lang.foreign.MemorySegment;

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
        MemorySegment values = heads.values();
        float[] cosines = table.cosines();
        float[] sines = table.sines();
        int pairs = table.size();
        boolean halves = table.pairs() == RopePairs.HALVES;
        long between = halves ? 4L * pairs : 4L;
        long step = halves ? 4L : 8L;
        long start = heads.offset(token);
        for (long head = start; head < start + 4L * heads.columns(); head += 4L * headSize) {
            for (int i = 0; i < pairs; i++) {
                long a = head + step * i;
                float cosine = cosines[token * pairs + i];
                float sine = sines[token * pairs + i];
                float x = values.get(CpuBuffer.FLOAT, a);
                float y = values.get(CpuBuffer.FLOAT, a + between);
                values.set(CpuBuffer.FLOAT, a, x * cosine - y * sine);
                values.set(CpuBuffer.FLOAT, a + between, x * sine + y * cosine);
            }
        }
    }
}
