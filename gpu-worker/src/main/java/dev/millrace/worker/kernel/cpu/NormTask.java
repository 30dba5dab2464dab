package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/// Root mean square norm; a unit is a row. Native kernels take 16 of them at once, with the same numbers, and where
/// products with quantised weights are to be expected, the result is rounded for them while it is near.
final class NormTask implements Task {

    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    private CpuBuffer source;
    private CpuBuffer target;
    private CpuVector weight;
    private float epsilon;
    private final MemorySegment[] lanes;
    private final ProductInputs rounded;
    private final @Nullable NativeElementwise natively;
    private int rows;

    NormTask(Scratch[] scratch, ProductInputs rounded, @Nullable NativeElementwise natively, CpuBuffer empty) {
        this.rounded = rounded;
        this.natively = natively;
        source = empty;
        target = empty;
        weight = new CpuVector(0, empty.values());
        lanes = new MemorySegment[scratch.length];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = scratch[i].panel();
        }
    }

    /// What [#run] works on from now on, and returns the number of units.
    int prepare(CpuBuffer from, CpuVector weights, float smallest, CpuBuffer to, int rowsOfStep) {
        source = from;
        weight = weights;
        epsilon = smallest;
        target = to;
        rows = rowsOfStep;
        return natively == null ? rows : Math.ceilDiv(rows, QuantizedRows.TOGETHER);
    }

    /// The rounded rows in which the result is, too.
    @Nullable
    QuantizedRows roundedTo() {
        if (natively == null) {
            return null;
        }
        return fits(rounded.superblocks()) ? rounded.superblocks() : fits(rounded.blocks()) ? rounded.blocks() : null;
    }

    private boolean fits(QuantizedRows to) {
        return target.columns() <= to.columns() && target.columns() % (to.blockUnits() * QuantLayout.UNIT_COLUMNS) == 0;
    }

    @Override
    public void run(int unit, int thread) {
        if (natively == null) {
            norm(unit, thread);
        } else {
            int first = unit * QuantizedRows.TOGETHER;
            int count = Math.min(QuantizedRows.TOGETHER, rows - first);
            QuantizedRows to = roundedTo();
            int units = to == null ? 0 : target.columns() / QuantLayout.UNIT_COLUMNS;
            natively.norm(source, weight, epsilon, target, first, count, units, to == null ? rounded.blocks() : to);
        }
    }

    private void norm(int row, int thread) {
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
