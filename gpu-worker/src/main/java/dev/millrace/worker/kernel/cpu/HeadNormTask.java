package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;

/// Root mean square norm of each head in place; a unit is a row.
final class HeadNormTask implements Task {

    private CpuBuffer heads;
    private CpuVector weight;
    private float epsilon;

    HeadNormTask(CpuBuffer empty) {
        heads = empty;
        weight = new CpuVector(1, empty.values());
    }

    void prepare(CpuBuffer inPlace, CpuVector weights, float smallest) {
        heads = inPlace;
        weight = weights;
        epsilon = smallest;
    }

    @Override
    public void run(int row, int thread) {
        MemorySegment values = heads.values();
        int size = weight.size();
        long start = heads.offset(row);
        for (long head = start; head < start + 4L * heads.columns(); head += 4L * size) {
            double squares = 0;
            for (int i = 0; i < size; i++) {
                double value = values.get(CpuBuffer.FLOAT, head + 4L * i);
                squares += value * value;
            }
            float scale = (float) (1 / Math.sqrt(squares / size + epsilon));
            for (int i = 0; i < size; i++) {
                float value = values.get(CpuBuffer.FLOAT, head + 4L * i);
                float by = weight.values().get(CpuBuffer.FLOAT, 4L * i);
                values.set(CpuBuffer.FLOAT, head + 4L * i, value * scale * by);
            }
        }
    }
}
