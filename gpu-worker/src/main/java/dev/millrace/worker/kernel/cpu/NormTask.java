package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Root mean square norm; a unit is a row.
final class NormTask implements Task {

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
        long from = source.offset(row);
        long bytes = source.offset(1);
        FloatVector squares = Load.zero();
        for (long at = 0; at < bytes; at += Lanes.COUNT * Float.BYTES) {
            FloatVector values = Load.floats(source.values(), from + at);
            squares = values.fma(values, squares);
        }
        float scale = scale(squares, lanes[thread]);
        long to = target.offset(row);
        for (long at = 0; at < bytes; at += Lanes.COUNT * Float.BYTES) {
            Load.floats(source.values(), from + at)
                    .mul(scale)
                    .mul(Load.floats(weight.values(), at))
                    .intoMemorySegment(target.values(), to + at, Lanes.ORDER);
        }
    }

    /// Sums the lanes one after another: a reduction across lanes has no order that Java promises.
    private float scale(FloatVector squares, MemorySegment mine) {
        Load.zero().add(squares).intoMemorySegment(mine, 0, Lanes.ORDER);
        double sum = 0;
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            sum += mine.get(CpuBuffer.FLOAT, 4L * lane);
        }
        return (float) (1 / Math.sqrt(sum / source.columns() + epsilon));
    }
}
