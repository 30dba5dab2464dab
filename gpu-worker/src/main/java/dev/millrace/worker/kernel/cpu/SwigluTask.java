package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/// `gate / (1 + exp(-gate)) * up`; a unit is a row.
final class SwigluTask implements Task {

    private CpuBuffer gate;
    private CpuBuffer up;
    private CpuBuffer target;

    SwigluTask(CpuBuffer empty) {
        gate = empty;
        up = empty;
        target = empty;
    }

    void prepare(CpuBuffer gates, CpuBuffer ups, CpuBuffer to) {
        gate = gates;
        up = ups;
        target = to;
    }

    @Override
    public void run(int row, int thread) {
        long start = gate.offset(row);
        for (long at = start; at < gate.offset(row + 1); at += Lanes.COUNT * Float.BYTES) {
            FloatVector value = Load.floats(gate.values(), at);
            value.div(Exponential.of(value.neg()).add(1f))
                    .mul(Load.floats(up.values(), at))
                    .intoMemorySegment(target.values(), at, Lanes.ORDER);
        }
    }
}
