package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.Gate;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/// The gate of a feed-forward; a unit is a run of groups of 64 rows of both matrices. What comes out goes straight into
/// the form in which the next matrix takes it, so that nothing as wide as the feed-forward is written as floats.
final class GateTask implements Task {

    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    private final Scratch[] scratch;
    private final Products products;
    private final ProductInputs inputs;
    private final ProductInputs results;
    private final QuantizeTask quantize;
    private final @Nullable NativeElementwise natively;
    private final int threads;
    private @Nullable Gate gate;
    private boolean quantized;
    private int tokens;
    private int runGroups;

    /// @param inputs what the gate takes
    /// @param results what it makes
    /// @param quantize over the results
    GateTask(
            Scratch[] scratch,
            Products products,
            ProductInputs inputs,
            ProductInputs results,
            QuantizeTask quantize,
            @Nullable NativeElementwise natively,
            int threads) {
        this.scratch = scratch;
        this.products = products;
        this.inputs = inputs;
        this.results = results;
        this.quantize = quantize;
        this.natively = natively;
        this.threads = threads;
    }

    /// What [#run] works on from now on, and returns the number of units.
    int prepare(Gate wanted, CpuMatrix next, int rows) {
        gate = wanted;
        quantized = Products.isQuantized(next);
        tokens = rows;
        int groups = ((CpuMatrix) wanted.gate()).groups();
        runGroups = Math.max(1, groups / (threads * ProjectTask.RUNS_PER_THREAD));
        return Math.ceilDiv(groups, runGroups);
    }

    /// Multiplications, which say how long it takes.
    long multiplications() {
        return gate == null ? 0 : 2L * gate.gate().rows() * gate.gate().columns() * tokens;
    }

    @Override
    public void run(int unit, int thread) {
        Gate work = gate;
        if (work == null) {
            throw new IllegalStateException("nothing was prepared");
        }
        CpuMatrix gates = (CpuMatrix) work.gate();
        Scratch mine = scratch[thread];
        long gateSums = mine.sums().address();
        long upSums = mine.moreSums().address();
        int end = Math.min((unit + 1) * runGroups, gates.groups());
        for (int group = unit * runGroups; group < end; group++) {
            products.multiply(gates, group, inputs, tokens, mine, gateSums);
            products.multiply((CpuMatrix) work.up(), group, inputs, tokens, mine, upSums);
            if (natively == null) {
                gate(work, group, gateSums, upSums);
            } else {
                gateNatively(natively, work, group, gateSums, upSums);
            }
            if (natively == null || !quantized) {
                for (int token = 0; token < tokens; token++) {
                    take(group, gates.rows(), token, mine.sums(), (long) token * RowLayout.COLUMN_BYTES);
                }
            }
        }
    }

    private void gateNatively(NativeElementwise kernels, Gate work, int group, long gateSums, long upSums) {
        int units = work.gate().rows() / QuantLayout.UNIT_COLUMNS;
        int unit = group * RowLayout.GROUP_ROWS / QuantLayout.UNIT_COLUMNS;
        kernels.gate(
                gateSums,
                upSums,
                CpuVector.address((CpuVector) work.gateBias(), group),
                CpuVector.address((CpuVector) work.upBias(), group),
                tokens,
                unit,
                quantized ? Math.min(units - unit, RowLayout.GROUP_ROWS / QuantLayout.UNIT_COLUMNS) : 0,
                units,
                results.quantized());
    }

    private void gate(Gate work, int group, long gateSums, long upSums) {
        addBias((CpuVector) work.gateBias(), group, gateSums);
        addBias((CpuVector) work.upBias(), group, upSums);
        for (int token = 0; token < tokens; token++) {
            long at = (long) token * RowLayout.COLUMN_BYTES;
            gate(gateSums + at, upSums + at);
        }
    }

    private void addBias(@Nullable CpuVector bias, int group, long sums) {
        if (bias == null) {
            return;
        }
        long values = bias.values().address() + (long) group * RowLayout.COLUMN_BYTES;
        for (int token = 0; token < tokens; token++) {
            long to = sums + (long) token * RowLayout.COLUMN_BYTES;
            for (int at = 0; at < RowLayout.COLUMN_BYTES; at += VECTOR_BYTES) {
                Raw.set(to + at, Raw.floats(to + at).add(Raw.floats(values + at)));
            }
        }
    }

    private static void gate(long gates, long ups) {
        for (int at = 0; at < RowLayout.COLUMN_BYTES; at += VECTOR_BYTES) {
            FloatVector value = Raw.floats(gates + at);
            FloatVector gated = value.div(Exponential.of(value.neg()).add(1f)).mul(Raw.floats(ups + at));
            Raw.set(gates + at, gated);
        }
    }

    private void take(int group, int rows, int token, MemorySegment sums, long at) {
        int first = group * RowLayout.GROUP_ROWS;
        int count = Math.min(RowLayout.GROUP_ROWS, rows - first);
        if (!quantized) {
            results.plain().take(sums, at, (long) token * rows + first, count);
            return;
        }
        for (int column = 0; column < count; column += QuantLayout.UNIT_COLUMNS) {
            long from = sums.address() + at + (long) column * Float.BYTES;
            int unit = (first + column) / QuantLayout.UNIT_COLUMNS;
            quantize.take(from, token, unit, rows / QuantLayout.UNIT_COLUMNS, tokens == 1);
        }
    }
}
