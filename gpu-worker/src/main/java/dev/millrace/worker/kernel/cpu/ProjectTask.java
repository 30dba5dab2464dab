package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.Projection;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Matrix products; a unit is a run of groups of 64 rows of one of the matrices. Runs let a thread read on where it is,
/// and there are several for each thread, so that none waits long for another.
final class ProjectTask implements Task {

    private static final int SUMS_STRIDE = RowLayout.COLUMN_BYTES;
    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    /// Runs of groups that each thread gets, so that none waits long for another.
    static final int RUNS_PER_THREAD = 8;

    private final Scratch[] scratch;
    private final Products products;
    private final @Nullable NativeElementwise natively;
    private final int threads;
    private ProductInputs inputs;
    private Projection[] projections = {};
    private @Nullable Peaks peaks;
    private int tokens;
    private int runGroups;

    ProjectTask(
            Scratch[] scratch,
            ProductInputs inputs,
            Products products,
            @Nullable NativeElementwise natively,
            int threads) {
        this.scratch = scratch;
        this.inputs = inputs;
        this.products = products;
        this.natively = natively;
        this.threads = threads;
    }

    /// What [#run] works on from now on, and returns the number of units.
    ///
    /// @param kept where the peaks of what comes out are kept, if they are
    int prepare(ProductInputs from, Projection[] wanted, @Nullable Peaks kept, int rows) {
        inputs = from;
        projections = wanted;
        peaks = kept;
        tokens = rows;
        int groups = 0;
        for (Projection projection : wanted) {
            groups += ((CpuMatrix) projection.matrix()).groups();
        }
        runGroups = Math.max(1, groups / (threads * RUNS_PER_THREAD));
        int units = 0;
        for (Projection projection : wanted) {
            units += runs(projection);
        }
        return units;
    }

    private int runs(Projection projection) {
        return Math.ceilDiv(((CpuMatrix) projection.matrix()).groups(), runGroups);
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
        int run = unit;
        for (Projection projection : projections) {
            if (run < runs(projection)) {
                runGroups(projection, run * runGroups, scratch[thread]);
                return;
            }
            run -= runs(projection);
        }
    }

    private void runGroups(Projection projection, int first, Scratch mine) {
        CpuMatrix matrix = (CpuMatrix) projection.matrix();
        for (int group = first; group < Math.min(first + runGroups, matrix.groups()); group++) {
            products.multiply(matrix, group, inputs, tokens, mine, mine.sums().address());
            if (natively == null) {
                finish(projection, group, mine.sums());
            } else {
                finish(natively, projection, group, mine.sums());
            }
        }
    }

    private void finish(NativeElementwise kernels, Projection projection, int group, MemorySegment sums) {
        CpuBuffer target = (CpuBuffer) projection.target();
        kernels.finish(
                sums.address(),
                CpuVector.address((CpuVector) projection.bias(), group),
                target.values().address() + (long) group * SUMS_STRIDE,
                target.stride(),
                tokens,
                projection.adds(),
                Math.min(RowLayout.GROUP_ROWS, target.columns() - group * RowLayout.GROUP_ROWS),
                Peaks.address(peaks, group),
                peaks == null ? 0 : peaks.groups());
    }

    private void finish(Projection projection, int group, MemorySegment sums) {
        CpuBuffer target = (CpuBuffer) projection.target();
        CpuVector bias = (CpuVector) projection.bias();
        long column = (long) group * SUMS_STRIDE;
        for (int token = 0; token < tokens; token++) {
            long from = sums.address() + (long) token * SUMS_STRIDE;
            long to = target.values().address() + target.offset(token) + column;
            if (bias != null) {
                add(from, bias.values().address() + column, from);
            }
            if (projection.adds()) {
                add(from, to, to);
            } else {
                copy(from, to);
            }
        }
    }

    private static void add(long left, long right, long to) {
        for (int at = 0; at < SUMS_STRIDE; at += VECTOR_BYTES) {
            Raw.set(to + at, Raw.floats(left + at).add(Raw.floats(right + at)));
        }
    }

    private static void copy(long from, long to) {
        for (int at = 0; at < SUMS_STRIDE; at += VECTOR_BYTES) {
            Raw.set(to + at, Raw.floats(from + at));
        }
    }
}
