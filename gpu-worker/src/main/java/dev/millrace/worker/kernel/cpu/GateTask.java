package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.Gate;
import dev.millrace.worker.kernel.Rows;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/// The gate of a feed-forward; a unit is a run of groups of 64 rows of both matrices. What comes out goes straight into
/// the form in which the next matrix takes it, so that nothing as wide as the feed-forward is written as floats.
final class GateTask implements Task {

    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;
    private static final int GROUP_UNITS = RowLayout.GROUP_ROWS / QuantLayout.UNIT_COLUMNS;
    private static final int SUPERBLOCK_COLUMNS = QuantLayout.SUPERBLOCK_UNITS * QuantLayout.UNIT_COLUMNS;
    private static final int SUPERBLOCK_GROUPS = SUPERBLOCK_COLUMNS / RowLayout.GROUP_ROWS;

    private final Scratch[] scratch;
    private final Products products;
    private final ProductInputs inputs;
    private final ProductInputs results;
    private final @Nullable NativeElementwise natively;
    private final int threads;
    private @Nullable Gate gate;
    /// Where what comes out is rounded to, null where it is not.
    private @Nullable QuantizeTask quantize;

    private final QuantizeTask toBlocks;
    private final QuantizeTask toSuperblocks;
    private int tokens;
    private int runGroups;

    /// @param inputs what the gate takes
    /// @param results what it makes
    GateTask(
            Scratch[] scratch,
            Products products,
            ProductInputs inputs,
            ProductInputs results,
            @Nullable NativeElementwise natively,
            int threads) {
        this.scratch = scratch;
        this.products = products;
        this.inputs = inputs;
        this.results = results;
        this.natively = natively;
        this.threads = threads;
        CpuBuffer none = new CpuBuffer(Rows.TOKENS, 0, MemorySegment.NULL);
        toBlocks = new QuantizeTask(results.blocks(), natively, none);
        toSuperblocks = new QuantizeTask(results.superblocks(), natively, none);
    }

    /// What [#run] works on from now on, and returns the number of units.
    int prepare(Gate wanted, CpuMatrix next, int rows) {
        gate = wanted;
        quantize = null;
        // Groups that give a block of the next matrix's inputs are one thread's.
        int together = 1;
        if (next.layout() instanceof QuantLayout layout) {
            quantize = layout.hasUnitScales() ? toSuperblocks : toBlocks;
            together = layout.hasUnitScales() ? SUPERBLOCK_GROUPS : 1;
        }
        tokens = rows;
        int groups = ((CpuMatrix) wanted.gate()).groups();
        int parts = Math.max(1, groups / (threads * ProjectTask.RUNS_PER_THREAD));
        runGroups = Math.ceilDiv(parts, together) * together;
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
            if (quantize == toBlocks) {
                gateToBlocks(work, group, gateSums, upSums);
            } else if (quantize == toSuperblocks) {
                gateToSuperblocks(work, group, gateSums, upSums, mine.gated().address());
            } else {
                gate(work, group, gateSums, upSums, gateSums, RowLayout.GROUP_ROWS);
                int first = group * RowLayout.GROUP_ROWS;
                int count = Math.min(RowLayout.GROUP_ROWS, gates.rows() - first);
                for (int token = 0; token < tokens; token++) {
                    long at = (long) token * RowLayout.COLUMN_BYTES;
                    results.plain().take(mine.sums(), at, (long) token * gates.rows() + first, count);
                }
            }
        }
    }

    /// Gates the products of a group, whose rows then begin at `to` and are `stride` values apart.
    private void gate(Gate work, int group, long gateSums, long upSums, long to, int stride) {
        if (natively != null) {
            long gateBias = CpuVector.address((CpuVector) work.gateBias(), group);
            long upBias = CpuVector.address((CpuVector) work.upBias(), group);
            natively.gate(gateSums, upSums, gateBias, upBias, tokens, to, stride, 0, 0, 0, results.blocks());
            return;
        }
        addBias((CpuVector) work.gateBias(), group, gateSums);
        addBias((CpuVector) work.upBias(), group, upSums);
        for (int token = 0; token < tokens; token++) {
            long at = (long) token * RowLayout.COLUMN_BYTES;
            gate(gateSums + at, upSums + at, to + (long) token * stride * Float.BYTES);
        }
    }

    private void gateToBlocks(Gate work, int group, long gateSums, long upSums) {
        int units = work.gate().rows() / QuantLayout.UNIT_COLUMNS;
        int first = group * GROUP_UNITS;
        int count = Math.min(GROUP_UNITS, units - first);
        if (natively != null) {
            long gateBias = CpuVector.address((CpuVector) work.gateBias(), group);
            long upBias = CpuVector.address((CpuVector) work.upBias(), group);
            natively.gate(gateSums, upSums, gateBias, upBias, tokens, 0, 0, first, count, units, results.blocks());
            return;
        }
        gate(work, group, gateSums, upSums, gateSums, RowLayout.GROUP_ROWS);
        for (int token = 0; token < tokens; token++) {
            for (int i = 0; i < count; i++) {
                long from = gateSums
                        + (long) token * RowLayout.COLUMN_BYTES
                        + (long) i * QuantLayout.UNIT_COLUMNS * Float.BYTES;
                toBlocks.take(from, token, first + i, units, tokens == 1);
            }
        }
    }

    /// A superblock is rounded when its last group is there.
    private void gateToSuperblocks(Gate work, int group, long gateSums, long upSums, long gated) {
        int part = group % SUPERBLOCK_GROUPS;
        gate(work, group, gateSums, upSums, gated + (long) part * RowLayout.COLUMN_BYTES, SUPERBLOCK_COLUMNS);
        if (part < SUPERBLOCK_GROUPS - 1) {
            return;
        }
        int units = work.gate().rows() / QuantLayout.UNIT_COLUMNS;
        int first = (group - part) * GROUP_UNITS;
        if (natively != null) {
            QuantizedRows to = results.superblocks();
            natively.round(gated, SUPERBLOCK_COLUMNS, 0, tokens, first, QuantLayout.SUPERBLOCK_UNITS, units, to);
            return;
        }
        for (int token = 0; token < tokens; token++) {
            long from = gated + (long) token * SUPERBLOCK_COLUMNS * Float.BYTES;
            toSuperblocks.take(from, token, first, units, tokens == 1);
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

    private static void gate(long gates, long ups, long to) {
        for (int at = 0; at < RowLayout.COLUMN_BYTES; at += VECTOR_BYTES) {
            FloatVector value = Raw.floats(gates + at);
            FloatVector gated = value.div(Exponential.of(value.neg()).add(1f)).mul(Raw.floats(ups + at));
            Raw.set(to + at, gated);
        }
    }
}
