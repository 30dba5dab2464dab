package dev.millrace.worker.kernel.cuda;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Gate;
import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Matrix;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.kernel.RowSlots;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.PinnedBuffer;
import dev.millrace.worker.ledger.Phase;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.RowSlot;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Puts the kernels of each operation on the stage's stream. The host only waits when a step is taken.
final class CudaOperations implements Operations {

    private static final int DEPTH = 2;

    private final CudaStage stage;
    private final StepLimits limits;
    private final CudaSettings settings;
    private final StepLedger ledger;
    private final StepRows rows;
    private final StepUpload upload;
    private final StepResults results;
    private final StepGraphs graphs;
    private final StepQueue steps;
    private final Map<TensorType, EmbedLaunch> embed = new EnumMap<>(TensorType.class);
    private final NormLaunch norm;
    private final CudaProducts products;
    private final RowsLaunch moveRows;
    private final CudaCaches caches;
    private final CudaRopes ropes;
    private final CudaHeads heads;
    private final SampleLaunch sample;
    /// Of other devices, which know this one's events.
    private final List<CudaRowSlot> written = new ArrayList<>();

    private final Held[] held;
    private int splits;
    private boolean sampled;
    private boolean broken;

    /// Loads all kernels.
    CudaOperations(CudaStage stage, StepLimits limits, StepRoom room, CudaSettings settings) {
        this.stage = stage;
        this.limits = limits;
        this.settings = settings;
        ledger = settings.ledger();
        rows = new StepRows(room.step());
        upload = new StepUpload(stage, room.step(), room.stepBytes(), ledger);
        results = new StepResults(room.sampling(), limits.vocabularySize(), ledger);
        graphs = new StepGraphs(stage, settings.useGraphs());
        steps = new StepQueue(stage, DEPTH);
        CudaKernels kernels = stage.kernels();
        for (TensorType type : TensorType.values()) {
            embed.put(
                    type,
                    new EmbedLaunch(
                            kernels, type, rows, stage.stream(), room.sampling().ids()));
        }
        norm = new NormLaunch(kernels, rows, stage.stream());
        products = new CudaProducts(kernels, stage.stream(), rows, room.products());
        moveRows = new RowsLaunch(kernels, rows, stage.stream());
        caches = new CudaCaches(kernels, rows, stage.stream(), room.caches(), room.partials());
        ropes = new CudaRopes(kernels, rows, stage.stream(), room.ropeTables());
        heads = new CudaHeads(kernels, rows, stage.stream(), limits.kvType(), ropes);
        held = new Held[] {products, heads, moveRows};
        sample = new SampleLaunch(kernels, rows, stage.stream(), room.sampling(), limits.vocabularySize());
    }

    @Override
    public int depth() {
        return DEPTH;
    }

    @Override
    public void begin(StepInput input) {
        start(input, null, null, null);
    }

    @Override
    public void begin(StepInput input, MemorySegment source, DeviceBuffer target) {
        start(input, source, null, (CudaBuffer) target);
    }

    @Override
    public void begin(StepInput input, RowSlot source, DeviceBuffer target) {
        start(input, null, (CudaRowSlot) source, (CudaBuffer) target);
    }

    private void start(
            StepInput input,
            @Nullable MemorySegment source,
            @Nullable CudaRowSlot slotSource,
            @Nullable CudaBuffer target) {
        if (input.tokenCount() > limits.maxTokens() || input.sampleCount() > limits.maxSequences()) {
            throw new IllegalArgumentException("%d tokens and %d samples are more than the %d and %d of this stage"
                    .formatted(input.tokenCount(), input.sampleCount(), limits.maxTokens(), limits.maxSequences()));
        }
        ledger.enter(Phase.UPLOAD);
        StepSlot slot = steps.begin(input);
        sampled = false;
        upload.put(slot, input, source);
        if (slotSource != null && target != null) {
            upload.bring(slotSource, input, target.columns());
        }
        ledger.enter(Phase.COMPUTE);
        int bucket = graphs.bucketOf(Buckets.of(input, longestContext(input)));
        shape(input, bucket);
        graphs.begin(bucket);
        ropes.begin();
        if (target != null && graphs.launches()) {
            moveRows.take(target);
        }
    }

    private void shape(StepInput input, int bucket) {
        boolean own = bucket == Buckets.NONE;
        int tokens = own ? input.tokenCount() : Buckets.rows(bucket);
        rows.set(tokens, own ? input.sampleCount() : tokens);
        splits = AttentionLaunch.splits(tokens, own ? longestContext(input) : Buckets.contextLength(bucket));
    }

    private static int longestContext(StepInput input) {
        int longest = 0;
        for (int s = 0; s < input.sequenceCount(); s++) {
            longest = Math.max(longest, input.contextLength(s));
        }
        return longest;
    }

    /// Whether an operation is to launch its kernels; what others hold back comes first.
    ///
    /// @param own what the operation goes on with
    private boolean launches(@Nullable Held own) {
        if (!graphs.launches()) {
            return false;
        }
        settle(own);
        return true;
    }

    private void settle(@Nullable Held own) {
        for (Held other : held) {
            if (other != own) {
                other.settle();
            }
        }
    }

    @Override
    public void upload(MemorySegment source, DeviceBuffer target) {
        graphs.disable();
        settle(null);
        CudaBuffer to = (CudaBuffer) target;
        long bytes = (long) Float.BYTES * steps.rows(to.rows()) * to.columns();
        try (PinnedBuffer pinned = new PinnedBuffer(stage.driver(), bytes, "rows")) {
            MemorySegment.copy(source, 0, pinned.segment(), 0, bytes);
            stage.driver()
                    .copyToDevice(
                            to.address(),
                            pinned.address(),
                            bytes,
                            stage.stream().handle());
            stage.stream().synchronize();
        }
    }

    @Override
    public void download(DeviceBuffer source, MemorySegment target) {
        if (!graphs.isPlain()) {
            throw new IllegalStateException("a download within a step that is launched as a graph");
        }
        settle(null);
        CudaBuffer from = (CudaBuffer) source;
        long bytes = (long) Float.BYTES * steps.rows(from.rows()) * from.columns();
        try (PinnedBuffer pinned = new PinnedBuffer(stage.driver(), bytes, "rows")) {
            stage.driver()
                    .copyToHost(
                            pinned.address(),
                            from.address(),
                            bytes,
                            stage.stream().handle());
            stage.stream().synchronize();
            MemorySegment.copy(pinned.segment(), 0, target, 0, bytes);
        }
    }

    @Override
    public void embed(Matrix table, DeviceBuffer target) {
        if (launches(null)) {
            Objects.requireNonNull(embed.get(table.type())).launch((CudaMatrix) table, (CudaBuffer) target);
        }
    }

    @Override
    public void rmsNorm(DeviceBuffer source, DeviceVector weight, float epsilon, DeviceBuffer target) {
        if (launches(null)) {
            norm.set((CudaBuffer) source, (CudaVector) weight, epsilon, (CudaBuffer) target);
            products.hold(norm);
        }
    }

    @Override
    public void headNorm(DeviceBuffer buffer, DeviceVector weight, float epsilon) {
        if (launches(heads)) {
            heads.norm((CudaBuffer) buffer, (CudaVector) weight, epsilon);
        }
    }

    @Override
    public void project(DeviceBuffer source, Projection[] projections) {
        if (launches(products)) {
            products.project(source, projections);
        }
    }

    @Override
    public void feedForward(DeviceBuffer source, Gate gate, Projection down) {
        if (launches(products)) {
            products.feedForward(source, gate, down);
        }
    }

    @Override
    public void rope(DeviceBuffer buffer, int headSize, RopeTable table) {
        if (launches(heads)) {
            heads.turn((CudaBuffer) buffer, headSize, (CudaRopeTable) table);
        }
    }

    @Override
    public void storeKv(KvCache cache, int layer, DeviceBuffer keys, DeviceBuffer values) {
        if (launches(heads)) {
            heads.store((CudaKvCache) cache, layer, (CudaBuffer) keys, (CudaBuffer) values);
        }
    }

    @Override
    public void attention(KvCache cache, int layer, DeviceBuffer queries, DeviceBuffer target) {
        if (launches(null)) {
            RowsMaker merge =
                    caches.attend((CudaKvCache) cache, layer, (CudaBuffer) queries, (CudaBuffer) target, splits);
            if (merge != null) {
                products.hold(merge);
            }
        }
    }

    @Override
    public void gatherSampled(DeviceBuffer tokens, DeviceBuffer samples) {
        if (launches(moveRows) && steps.rows(Rows.SAMPLES) > 0) {
            moveRows.gather((CudaBuffer) tokens, (CudaBuffer) samples);
        }
    }

    @Override
    public void sample(DeviceBuffer logits) {
        sampled = steps.rows(Rows.SAMPLES) > 0;
        if (launches(null) && sampled) {
            sample.launch((CudaBuffer) logits);
        }
    }

    @Override
    public void end() {
        settle(null);
        graphs.end();
        if (sampled) {
            results.bringTokens(steps.latest());
        }
        steps.latest().end();
    }

    @Override
    public void end(DeviceBuffer source) {
        settle(null);
        graphs.end();
        results.bringRows(steps.latest(), (CudaBuffer) source);
        steps.latest().end();
    }

    @Override
    public boolean reaches(RowSlots slots) {
        return slots instanceof CudaRowSlots;
    }

    @Override
    public void end(DeviceBuffer source, RowSlot target) {
        settle(null);
        graphs.end();
        CudaBuffer from = (CudaBuffer) source;
        CudaRowSlot to = (CudaRowSlot) target;
        if (!written.contains(to)) {
            written.add(to);
        }
        to.write(
                stage,
                settings.context(),
                from.address(),
                (long) Float.BYTES * steps.latest().input().tokenCount() * from.columns());
        steps.latest().end();
    }

    @Override
    public boolean isOver() {
        return steps.isOver();
    }

    @Override
    public void take(StepOutput output) {
        StepSlot slot = steps.take();
        ledger.enter(Phase.DOWNLOAD);
        results.write(slot, output);
        ledger.enter(Phase.COMPUTE);
    }

    @Override
    public void take(MemorySegment target) {
        StepSlot slot = steps.take();
        ledger.enter(Phase.DOWNLOAD);
        MemorySegment.copy(slot.result(), 0, target, 0, slot.resultBytes());
        ledger.enter(Phase.COMPUTE);
    }

    @Override
    public void take() {
        steps.take();
    }

    @Override
    public void drop() {
        for (Held dropped : held) {
            dropped.forget();
        }
        graphs.drop();
        steps.forget();
        try {
            stage.stream().synchronize();
        } catch (CudaException e) {
            broken = true;
            if (e.isSticky()) {
                settings.lost().run();
            }
        }
        for (CudaRowSlot slot : written) {
            try {
                slot.forgetWriter();
            } catch (CudaException e) {
                broken = true;
            }
        }
        written.clear();
    }

    @Override
    public boolean isBroken() {
        return broken;
    }
}
