package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Root mean square norm; a unit is a row.
final class NormTask implements Task {

    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    private CpuBuffer source;
    private CpuBuffer target;
    private CpuVector weight;
    private float epsilon;
    private final MemorySegment[] lanes;

    NormTask(Scratch[] scratch, CpuBuffer empty) {
        source = empty;
        target = empty;
        weight = new CpuVector(0, empty.values());
        lanes = new MemorySegment[scratch.length];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = scratch[i].panel();
        }
    }

    void prepare(CpuBuffer from, CpuVector weights, float smallest, CpuBuffer to) {
        source = from;
        weight = weights;
        epsilon = smallest;
        target = to;
    }

    @Override
    public void run(int row, int thread) {
        long from = source.values().address() + source.offset(row);
        long bytes = source.offset(1);
        long mine = lanes[thread].address();
        square(from, bytes, mine);
        long to = target.values().address() + target.offset(row);
        scale(from, bytes, scale(mine), weight.values().address(), to);
    }

    /// Sums of squares by lane.
    private static void square(long from, long bytes, long to) {
        FloatVector squares = Load.zero();
        for (long at = from; at < from + bytes; at += VECTOR_BYTES) {
            FloatVector values = Raw.floats(at);
            squares = values.fma(values, squares);
        }
        Raw.setSum(to, squares);
    }

    /// Sums the lanes one after another: a reduction across lanes has no order that Java promises.
    private float scale(long squares) {
        double sum = 0;
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            sum += Raw.get(squares + 4L * lane);
        }
        return (float) (1 / Math.sqrt(sum / source.columns() + epsilon));
    }

    private static void scale(long from, long bytes, float scale, long weights, long to) {
        for (long at = 0; at < bytes; at += VECTOR_BYTES) {
            Raw.set(to + at, Raw.floats(from + at).mul(scale).mul(Raw.floats(weights + at)));
        }
    }
}
