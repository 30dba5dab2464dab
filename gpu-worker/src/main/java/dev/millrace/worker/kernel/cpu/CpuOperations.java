package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceVector;
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
    private final QuantizeTask quantize;
    private final CopyTask copy;
    private final ProjectTask project;
    private final RopeTask rope;
    private final StoreKvTask storeKv;
    private final AttentionTask attention;
    private final SwigluTask swiglu;
    private final SampleTask sample;
    private StepInput step = new StepInput(0);
    private long steps;

    CpuOperations(
            WorkerPool pool,
            Scratch[] scratch,
            PlainRows plain,
            QuantizedRows quantized,
            boolean useNative,
            MemorySegment spanStates,
            StepLimits limits) {
        this.pool = pool;
        this.limits = limits;
        CpuBuffer none = new CpuBuffer(Rows.TOKENS, 0, MemorySegment.NULL);
        CpuKvCache noCache = new CpuKvCache(0, 1, 1, 0, KvFormat.of(limits.kvType()), MemorySegment.NULL);
        embed = new EmbedTask(none);
        norm = new NormTask(scratch, none);
        headNorm = new HeadNormTask(none);
        quantize = new QuantizeTask(quantized, useNative, none);
        QuantProducts products = useNative ? new NativeProducts(NativeLibrary.LEVEL) : new VectorProducts();
        copy = new CopyTask(plain, none);
        project = new ProjectTask(scratch, plain, quantized, products, pool.threads(), none);
        rope = new RopeTask(none);
        storeKv = new StoreKvTask(noCache, none);
        attention = new AttentionTask(scratch, spanStates, limits.maxTokens(), noCache, none);
        swiglu = new SwigluTask(none);
        sample = new SampleTask(scratch, limits.maxSequences(), none);
    }

    @Override
    public void begin(StepInput input) {
        if (input.tokenCount() > limits.maxTokens() || input.sampleCount() > limits.maxSequences()) {
            throw new IllegalArgumentException("%d tokens and %d samples are more than the %d and %d of this stage"
                    .formatted(input.tokenCount(), input.sampleCount(), limits.maxTokens(), limits.maxSequences()));
        }
        step = input;
        steps++;
        pool.beginStep(input.stepsInFlight());
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
    }

    @Override
    public void rmsNorm(DeviceBuffer source, DeviceVector weight, float epsilon, DeviceBuffer target) {
        norm.prepare((CpuBuffer) source, (CpuVector) weight, epsilon, (CpuBuffer) target);
        runRows(norm, source);
    }

    @Override
    public void headNorm(DeviceBuffer heads, DeviceVector weight, float epsilon) {
        headNorm.prepare((CpuBuffer) heads, (CpuVector) weight, epsilon);
        runRows(headNorm, heads);
    }

    private void runRows(Task task, DeviceBuffer buffer) {
        int rows = rows(buffer.rows());
        pool.run(task, rows, (long) rows * buffer.columns() / VALUES_PER_NANO);
    }

    @Override
    public void project(DeviceBuffer source, Projection[] projections) {
        int rows = rows(source.rows());
        int units = project.prepare((CpuBuffer) source, projections, rows);
        if (project.takesQuantized()) {
            quantize.prepare((CpuBuffer) source, rows);
            runRows(quantize, source);
        }
        if (project.takesPlain()) {
            copy.prepare((CpuBuffer) source);
            runRows(copy, source);
        }
        pool.run(project, units, project.multiplications() / MULTIPLICATIONS_PER_NANO);
    }

    @Override
    public void rope(DeviceBuffer heads, int headSize, RopeTable table) {
        ((CpuRopeTable) table).fill(step, steps);
        rope.prepare((CpuBuffer) heads, headSize, (CpuRopeTable) table);
        runRows(rope, heads);
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
    }

    @Override
    public void swiglu(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer target) {
        swiglu.prepare((CpuBuffer) gate, (CpuBuffer) up, (CpuBuffer) target);
        runRows(swiglu, gate);
    }

    @Override
    public void gatherSampled(DeviceBuffer tokens, DeviceBuffer samples) {
        CpuBuffer from = (CpuBuffer) tokens;
        CpuBuffer to = (CpuBuffer) samples;
        for (int n = 0; n < step.sampleCount(); n++) {
            MemorySegment.copy(
                    from.values(), from.offset(step.sampleToken(n)), to.values(), to.offset(n), to.offset(1));
        }
    }

    @Override
    public void sample(DeviceBuffer logits, StepOutput output) {
        sample.prepare(step, (CpuBuffer) logits);
        pool.run(sample, step.sampleCount(), SAMPLING_NANOS_PER_ID * step.sampleCount() * logits.columns());
        sample.addTo(output);
    }
}
