package dev.millrace.worker.kernel.cpu;

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
        long start = heads.values().address() + heads.offset(row);
        int size = weight.size();
        for (long head = start; head < start + 4L * heads.columns(); head += 4L * size) {
            float scale = (float) (1 / Math.sqrt(squares(head, size) / size + epsilon));
            scale(head, size, scale, weight.values().address());
        }
    }

    private static double squares(long head, int size) {
        double squares = 0;
        for (int i = 0; i < size; i++) {
            double value = Raw.get(head + 4L * i);
            squares += value * value;
        }
        return squares;
    }

    /// Whole vectors first: a head need not end where one does, and the next follows at once.
    private static void scale(long head, int size, float scale, long weights) {
        int whole = size / Lanes.COUNT * Lanes.COUNT;
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            Raw.set(head + 4L * i, Raw.floats(head + 4L * i).mul(scale).mul(Raw.floats(weights + 4L * i)));
        }
        for (int i = whole; i < size; i++) {
            Raw.set(head + 4L * i, Raw.get(head + 4L * i) * scale * Raw.get(weights + 4L * i));
        }
    }
}
