package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.Projection;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Matrix products; a unit is a group of 64 rows of one of the matrices.
final class ProjectTask implements Task {

    private static final int SUMS_STRIDE = RowLayout.GROUP_ROWS * Float.BYTES;

    private final Scratch[] scratch;
    private CpuBuffer source;
    private Projection[] projections = {};
    private int tokens;

    ProjectTask(Scratch[] scratch, CpuBuffer empty) {
        this.scratch = scratch;
        source = empty;
    }

    /// What [#run] works on from now on, and returns the number of units.
    int prepare(CpuBuffer from, Projection[] wanted, int rows) {
        source = from;
        projections = wanted;
        tokens = rows;
        int units = 0;
        for (Projection projection : wanted) {
            units += ((CpuMatrix) projection.matrix()).groups();
        }
        return units;
    }

    /// Multiplications, which say how long it takes.
    long multiplications() {
        long sum = 0;
        for (Projection projection : projections) {
            sum += (long) projection.matrix().rows() * projection.matrix().columns();
        }
        return sum * tokens;
    }

    @Override
    public void run(int unit, int thread) {
        int group = unit;
        for (Projection projection : projections) {
            CpuMatrix matrix = (CpuMatrix) projection.matrix();
            if (group < matrix.groups()) {
                multiply(matrix, group, scratch[thread]);
                finish(projection, group, scratch[thread].sums());
                return;
            }
            group -= matrix.groups();
        }
    }

    private void multiply(CpuMatrix matrix, int group, Scratch mine) {
        MemorySegment sums = mine.sums();
        zero(sums);
        long offset = matrix.offset(group);
        for (int column = 0; column < matrix.columns(); column += RowLayout.PANEL_COLUMNS) {
            int count = Math.min(RowLayout.PANEL_COLUMNS, matrix.columns() - column);
            if (tokens == 1) {
                long from = source.offset(0) + 4L * column;
                matrix.layout()
                        .multiplyOne(
                                matrix.weights(), offset, column, count, source.values(), from, mine.panel(), sums);
            } else if (matrix.layout() instanceof PlainLayout plain && matrix.type() == TensorType.F32) {
                multiplyPanel(matrix.weights(), plain.panelOffset(offset, column), column, count, sums);
            } else {
                matrix.layout().expand(matrix.weights(), offset, column, count, mine.panel());
                multiplyPanel(mine.panel(), 0, column, count, sums);
            }
        }
    }

    private void zero(MemorySegment sums) {
        for (long at = 0; at < (long) SUMS_STRIDE * tokens; at += Lanes.COUNT * Float.BYTES) {
            Load.zero().intoMemorySegment(sums, at, Lanes.ORDER);
        }
    }

    private void multiplyPanel(MemorySegment panel, long at, int column, int count, MemorySegment sums) {
        long stride = source.offset(1);
        int token = 0;
        for (; token + 4 <= tokens; token += 4) {
            long from = source.offset(token) + 4L * column;
            Tiles.four(panel, at, count, source.values(), from, stride, sums, (long) SUMS_STRIDE * token);
        }
        for (; token < tokens; token++) {
            long from = source.offset(token) + 4L * column;
            Tiles.one(panel, at, count, source.values(), from, sums, (long) SUMS_STRIDE * token);
        }
    }

    private void finish(Projection projection, int group, MemorySegment sums) {
        CpuBuffer target = (CpuBuffer) projection.target();
        CpuVector bias = (CpuVector) projection.bias();
        long column = (long) group * SUMS_STRIDE;
        for (int token = 0; token < tokens; token++) {
            long to = target.offset(token) + column;
            for (int lane = 0; lane < SUMS_STRIDE; lane += Lanes.COUNT * Float.BYTES) {
                FloatVector sum = Load.floats(sums, (long) token * SUMS_STRIDE + lane);
                if (bias != null) {
                    sum = sum.add(Load.floats(bias.values(), column + lane));
                }
                if (projection.adds()) {
                    sum = sum.add(Load.floats(target.values(), to + lane));
                }
                sum.intoMemorySegment(target.values(), to + lane, Lanes.ORDER);
            }
        }
    }
}
