package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Gate;
import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Matrix;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Fills the task of each operation and lets the pool run it.
final class CpuOperations implements Operations {

    /// Rough speeds of one thread, to decide what is worth sharing.
    private static final long VALUES_PER_NANO = 1;

    private static final long MULTIPLICATIONS_PER_NANO = 16;
    private static final long SAMPLING_NANOS_PER_ID = 2;
    private static final long EMBEDDING_NANOS_PER_VALUE = 2;

    private final WorkerPool pool;
    private final StepLimits limits;
    private final EmbedTask embed;
    private final NormTask norm;
    private final HeadNormTask headNorm;
    private final ProductInputs inputs;
    private final ProductInputs between;
    private final QuantizeTask toBlocks;
    private final QuantizeTask toSuperblocks;
    private final CopyTask copy;
    private final ProjectTask project;
    private final Projection[] down = new Projection[1];
    private final RopeTask rope;
    private final StoreKvTask storeKv;
    private final AttentionTask attention;
    private final GateTask gate;
    private final SampleTask sample;
    private final @Nullable Peaks peaks;
    /// Whose peaks there are, where that is known.
    private @Nullable DeviceBuffer peaked;
    /// Of which buffers the rows in each form are, where that is known.
    private @Nullable DeviceBuffer inBlocks;

    private @Nullable DeviceBuffer inSuperblocks;
    private @Nullable DeviceBuffer copied;

    private StepInput step = new StepInput(0);
    private long steps;
    /// Of the step that is begun and not taken: whether there is one, its numbers, and the rows that are to be taken.
    private boolean begun;

    private @Nullable DeviceBuffer outgoing;
    /// What the step's tokens are sampled from when they are taken, so that the caller sees that time by itself.
    private @Nullable DeviceBuffer wantedFrom;

    CpuOperations(
            WorkerPool pool,
            Scratch[] scratch,
            ProductInputs inputs,
            ProductInputs between,
            boolean useNative,
            @Nullable Peaks peaks,
            MemorySegment spanStates,
            StepLimits limits) {
        this.pool = pool;
        this.peaks = peaks;
        this.limits = limits;
        CpuBuffer none = new CpuBuffer(Rows.TOKENS, 0, MemorySegment.NULL);
        CpuKvCache noCache = new CpuKvCache(0, 1, 1, 0, KvFormat.of(limits.kvType()), MemorySegment.NULL);
        int[] ids = new int[limits.maxSequences()];
        embed = new EmbedTask(ids, none);
        NativeElementwise natively = useNative ? new NativeElementwise(NativeLibrary.LEVEL) : null;
        norm = new NormTask(scratch, inputs, natively, none);
        headNorm = new HeadNormTask(none);
        this.inputs = inputs;
        this.between = between;
        toBlocks = new QuantizeTask(inputs.blocks(), natively, none);
        toSuperblocks = new QuantizeTask(inputs.superblocks(), natively, none);
        copy = new CopyTask(inputs.plain(), none);
        Products products = Products.of(useNative);
        project = new ProjectTask(scratch, inputs, products, natively, pool.threads());
        gate = new GateTask(scratch, products, inputs, between, natively, pool.threads());
        rope = new RopeTask(none);
        storeKv = new StoreKvTask(noCache, none);
        attention = new AttentionTask(
                scratch, spanStates, limits.maxTokens(), useNative ? NativeLibrary.LEVEL : 0, noCache, none);
        sample = new SampleTask(scratch, limits.maxSequences(), ids, none);
    }

    @Override
    public int depth() {
        return 1;
    }

    @Override
    public void begin(StepInput input) {
        if (input.tokenCount() > limits.maxTokens() || input.sampleCount() > limits.maxSequences()) {
            throw new IllegalArgumentException("%d tokens and %d samples are more than the %d and %d of this stage"
                    .formatted(input.tokenCount(), input.sampleCount(), limits.maxTokens(), limits.maxSequences()));
        }
        if (begun) {
            throw new IllegalStateException(
                    "step " + input.step() + " began when step " + step.step() + " was not taken");
        }
        begun = true;
        step = input;
        steps++;
        wantedFrom = null;
        outgoing = null;
        inBlocks = null;
        inSuperblocks = null;
        copied = null;
        peaked = null;
        pool.beginStep(input.stepsInFlight());
    }

    @Override
    public void begin(StepInput input, MemorySegment rows, DeviceBuffer target) {
        begin(input);
        upload(rows, target);
    }

    private int rows(Rows rows) {
        return rows == Rows.TOKENS ? step.tokenCount() : step.sampleCount();
    }

    @Override
    public void upload(MemorySegment source, DeviceBuffer target) {
        CpuBuffer to = (CpuBuffer) target;
        long bytes = (long) Float.BYTES * to.columns();
        for (int row = 0; row < rows(to.rows()); row++) {
            MemorySegment.copy(source, bytes * row, to.values(), to.offset(row), bytes);
        }
        written(target);
    }

    @Override
    public void download(DeviceBuffer source, MemorySegment target) {
        CpuBuffer from = (CpuBuffer) source;
        long bytes = (long) Float.BYTES * from.columns();
        for (int row = 0; row < rows(from.rows()); row++) {
            MemorySegment.copy(from.values(), from.offset(row), target, bytes * row, bytes);
        }
    }

    @Override
    public void embed(Matrix table, DeviceBuffer target) {
        embed.prepare(step, (CpuMatrix) table, (CpuBuffer) target);
        long values = (long) step.tokenCount() * target.columns();
        pool.run(embed, step.tokenCount(), values * EMBEDDING_NANOS_PER_VALUE);
        written(target);
    }

    @Override
    public void rmsNorm(DeviceBuffer source, DeviceVector weight, float epsilon, DeviceBuffer target) {
        int rows = rows(source.rows());
        int units = norm.prepare((CpuBuffer) source, (CpuVector) weight, epsilon, (CpuBuffer) target, rows);
        pool.run(norm, units, nanos(rows, source));
        written(target);
        QuantizedRows rounded = norm.roundedTo();
        if (rounded == inputs.blocks()) {
            inBlocks = target;
        } else if (rounded != null) {
            inSuperblocks = target;
        }
    }

    @Override
    public void headNorm(DeviceBuffer heads, DeviceVector weight, float epsilon) {
        headNorm.prepare((CpuBuffer) heads, (CpuVector) weight, epsilon);
        runRows(headNorm, heads);
        written(heads);
    }

    private void runRows(Task task, DeviceBuffer buffer) {
        int rows = rows(buffer.rows());
        pool.run(task, rows, nanos(rows, buffer));
    }

    private static long nanos(int rows, DeviceBuffer buffer) {
        return (long) rows * buffer.columns() / VALUES_PER_NANO;
    }

    /// What is known of the values that `buffer` had does not hold any more.
    private void written(DeviceBuffer buffer) {
        if (buffer == inBlocks) {
            inBlocks = null;
        }
        if (buffer == inSuperblocks) {
            inSuperblocks = null;
        }
        if (buffer == copied) {
            copied = null;
        }
        if (buffer == peaked) {
            peaked = null;
        }
    }

    @Override
    public void project(DeviceBuffer source, Projection[] projections) {
        for (Projection projection : projections) {
            bringInto((CpuMatrix) projection.matrix(), (CpuBuffer) source);
        }
        project(inputs, projections, rows(source.rows()));
    }

    private void project(ProductInputs from, Projection[] projections, int rows) {
        Peaks kept = areLogits(projections) ? peaks : null;
        int units = project.prepare(from, projections, kept, rows);
        pool.run(project, units, project.multiplications() / MULTIPLICATIONS_PER_NANO);
        for (Projection projection : projections) {
            written(projection.target());
        }
        if (kept != null) {
            peaked = projections[0].target();
        }
    }

    private boolean areLogits(Projection[] projections) {
        DeviceBuffer target = projections[0].target();
        return projections.length == 1 && target.rows() == Rows.SAMPLES && target.columns() == limits.vocabularySize();
    }

    /// Brings rows into the form in which a matrix takes them, unless they are in it.
    private void bringInto(CpuMatrix matrix, CpuBuffer source) {
        if (!(matrix.layout() instanceof QuantLayout layout)) {
            if (source != copied) {
                copy.prepare(source);
                runRows(copy, source);
                copied = source;
            }
        } else if (!layout.hasUnitScales()) {
            if (source != inBlocks) {
                round(toBlocks, source);
                inBlocks = source;
            }
        } else if (source != inSuperblocks) {
            round(toSuperblocks, source);
            inSuperblocks = source;
        }
    }

    private void round(QuantizeTask task, CpuBuffer source) {
        int rows = rows(source.rows());
        pool.run(task, task.prepare(source, rows), nanos(rows, source));
    }

    @Override
    public void feedForward(DeviceBuffer source, Gate wanted, Projection last) {
        bringInto((CpuMatrix) wanted.gate(), (CpuBuffer) source);
        bringInto((CpuMatrix) wanted.up(), (CpuBuffer) source);
        int rows = rows(source.rows());
        int units = gate.prepare(wanted, (CpuMatrix) last.matrix(), rows);
        pool.run(gate, units, gate.multiplications() / MULTIPLICATIONS_PER_NANO);
        down[0] = last;
        project(between, down, rows);
    }

    @Override
    public void rope(DeviceBuffer heads, int headSize, RopeTable table) {
        ((CpuRopeTable) table).fill(step, steps);
        rope.prepare((CpuBuffer) heads, headSize, (CpuRopeTable) table);
        runRows(rope, heads);
        written(heads);
    }

    @Override
    public void storeKv(KvCache cache, int layer, DeviceBuffer keys, DeviceBuffer values) {
        storeKv.prepare(step, (CpuKvCache) cache, layer, (CpuBuffer) keys, (CpuBuffer) values);
        runRows(storeKv, keys);
    }

    @Override
    public void attention(KvCache cache, int layer, DeviceBuffer queries, DeviceBuffer target) {
        attention.prepare(step, (CpuKvCache) cache, layer, (CpuBuffer) queries, (CpuBuffer) target);
        pool.run(attention, attention.units(), attention.multiplications() / MULTIPLICATIONS_PER_NANO);
        pool.run(attention.merge(), attention.mergeUnits(), attention.mergedValues() / VALUES_PER_NANO);
        written(target);
    }

    @Override
    public void gatherSampled(DeviceBuffer tokens, DeviceBuffer samples) {
        CpuBuffer from = (CpuBuffer) tokens;
        CpuBuffer to = (CpuBuffer) samples;
        for (int n = 0; n < step.sampleCount(); n++) {
            MemorySegment.copy(
                    from.values(), from.offset(step.sampleToken(n)), to.values(), to.offset(n), to.offset(1));
        }
        written(samples);
    }

    @Override
    public void sample(DeviceBuffer logits) {
        wantedFrom = logits;
    }

    @Override
    public void end() {}

    @Override
    public void end(DeviceBuffer rows) {
        outgoing = rows;
    }

    @Override
    public boolean isOver() {
        return true;
    }

    @Override
    public void take(StepOutput output) {
        begun = false;
        output.begin(step.epoch(), step.step());
        DeviceBuffer logits = wantedFrom;
        if (logits != null) {
            sample.prepare(step, (CpuBuffer) logits, logits == peaked ? peaks : null);
            pool.run(sample, step.sampleCount(), SAMPLING_NANOS_PER_ID * step.sampleCount() * logits.columns());
            sample.addTo(output);
        }
    }

    @Override
    public void take(MemorySegment rows) {
        begun = false;
        if (outgoing != null) {
            download(outgoing, rows);
        }
    }

    @Override
    public void drop() {
        begun = false;
    }
}
