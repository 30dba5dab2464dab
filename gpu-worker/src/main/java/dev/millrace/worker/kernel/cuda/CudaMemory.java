package dev.millrace.worker.kernel.cuda;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.RopeFrequencies;
import dev.millrace.worker.kernel.RowSlots;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.DeviceArray;
import dev.millrace.worker.step.StepLimits;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Device memory of one stage. A measuring one counts the same bytes and hands out handles without memory.
final class CudaMemory implements DeviceMemory {

    private static final long PAGE_BYTES = 2 << 20;
    private static final long LARGE_BYTES = 1 << 20;

    private final StepLimits limits;
    /// Null where it only measures.
    private final @Nullable CudaStage stage;

    private final long chunkBytes;
    private final CudaSettings settings;
    private final List<CudaKvCache> caches = new ArrayList<>();
    private final List<CudaRopeTable> ropeTables = new ArrayList<>();
    private int mostMatrixColumns;
    private int mostTokenColumns;
    private boolean hasLogits;
    private @Nullable WeightUpload upload;
    private long weightBytes;
    private long kvBytes;
    private long scratchBytes;

    private CudaMemory(StepLimits limits, @Nullable CudaStage stage, long chunkBytes, CudaSettings settings) {
        this.limits = limits;
        this.stage = stage;
        this.chunkBytes = chunkBytes;
        this.settings = settings;
    }

    /// @param stage is closed with the memory
    static CudaMemory allocate(StepLimits limits, CudaStage stage, CudaSettings settings) {
        return new CudaMemory(limits, stage, WeightUpload.CHUNK_BYTES, settings);
    }

    /// @param chunkBytes of a buffer for loading
    static CudaMemory allocate(StepLimits limits, CudaStage stage, long chunkBytes) {
        return new CudaMemory(limits, stage, chunkBytes, CudaSettings.plain());
    }

    /// Takes nothing.
    static CudaMemory measure(StepLimits limits) {
        return new CudaMemory(limits, null, 0, CudaSettings.plain());
    }

    @Override
    public CudaMatrix matrix(TensorType type, int rows, int columns, MemorySegment data) {
        MatrixLayout layout = MatrixLayout.of(type, rows, columns);
        weightBytes += takenBytes(layout.totalBytes());
        mostMatrixColumns = Math.max(mostMatrixColumns, columns);
        CudaMatrix matrix = new CudaMatrix(type, rows, columns, layout, take(layout.totalBytes(), "weights"));
        if (stage != null) {
            WeightUpload.Rows repack = new Repack(stage.kernels(), stage.stream()).into(matrix);
            upload(stage).copyRows(data, type.rowBytes(columns), rows, repack);
        }
        return matrix;
    }

    @Override
    public CudaVector vector(float[] values) {
        long bytes = (long) Float.BYTES * values.length;
        weightBytes += takenBytes(bytes);
        CudaVector vector = new CudaVector(values.length, take(bytes, "weights"));
        if (stage != null) {
            upload(stage).copy(MemorySegment.ofArray(values), vector.address());
        }
        return vector;
    }

    private WeightUpload upload(CudaStage on) {
        WeightUpload open = upload;
        if (open == null) {
            open = new WeightUpload(on.driver(), on.stream(), chunkBytes);
            upload = open;
        }
        return open;
    }

    /// All weights are there: gives the buffers for loading back.
    void loaded() {
        WeightUpload open = upload;
        if (open != null) {
            upload = null;
            try (open) {
                open.finish();
            }
        }
    }

    @Override
    public CudaBuffer buffer(Rows rows, int columns) {
        if (limits.maxTokens() > AttentionLaunch.MOST_TOKENS) {
            throw new IllegalStateException(
                    "steps of %d tokens; %d are the most on a CUDA device; lower the token budget"
                            .formatted(limits.maxTokens(), AttentionLaunch.MOST_TOKENS));
        }
        long values = (long) columns * (rows == Rows.TOKENS ? limits.maxTokens() : limits.maxSequences());
        if (values > Integer.MAX_VALUE) {
            throw new IllegalStateException(
                    "%d values of %d columns are more than a device's buffer has; lower the token budget"
                            .formatted(values, columns));
        }
        if (rows == Rows.TOKENS) {
            mostTokenColumns = Math.max(mostTokenColumns, columns);
        } else if (columns == limits.vocabularySize()) {
            hasLogits = true;
        }
        return new CudaBuffer(rows, columns, scratch(values * Float.BYTES, "values between layers"));
    }

    @Override
    public CudaKvCache kvCache(int layers, int kvHeads, int headSize) {
        long bytes = layers * CudaKvCache.layerBytes(limits.kvType(), kvHeads, headSize, limits.kvBlocks());
        kvBytes += takenBytes(bytes);
        long address = take(bytes, "KV blocks");
        if (stage != null) {
            // What no token has written is read with weight 0, which only helps where it is a number.
            stage.driver()
                    .fillWords(address, 0, bytes / Integer.BYTES, stage.stream().handle());
        }
        CudaKvCache cache = new CudaKvCache(layers, kvHeads, headSize, limits.kvBlocks(), limits.kvType(), address);
        caches.add(cache);
        return cache;
    }

    @Override
    public CudaRopeTable ropeTable(RopeFrequencies frequencies) {
        double[] radians = frequencies.radiansPerPosition();
        CudaRopeTable table = new CudaRopeTable(
                scratch(radians, "rotary positions"),
                frequencies.magnitude(),
                frequencies.pairs(),
                radians.length,
                scratch(CudaRopeTable.angleBytes(radians.length, limits.maxTokens()), "rotary positions"));
        ropeTables.add(table);
        return table;
    }

    @Override
    public Operations operations() {
        StepRoom room = stepRoom();
        if (stage == null) {
            return notComputing();
        }
        loaded();
        stage.driver()
                .fillWords(
                        room.sampling().ids(),
                        0,
                        limits.maxSequences(),
                        stage.stream().handle());
        return new CudaOperations(stage, limits, room, settings);
    }

    /// Not counted before: where there is no memory for it, rows come another way.
    @Override
    public Optional<RowSlots> rowSlots(int slots, int columns) {
        if (stage == null) {
            return Optional.empty();
        }
        try {
            long bytes = (long) Float.BYTES * limits.maxTokens() * columns;
            return Optional.of(new CudaRowSlots(stage, settings.context(), slots, bytes));
        } catch (CudaException e) {
            if (e.isOutOfMemory()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Operations notComputing() {
        Class<?>[] contract = {Operations.class};
        return (Operations)
                Proxy.newProxyInstance(contract[0].getClassLoader(), contract, (self, method, arguments) -> {
                    throw new IllegalStateException("memory that only measures does not compute");
                });
    }

    private StepRoom stepRoom() {
        long stepBytes = StepUpload.bytes(limits, mostTokenColumns);
        int rows = Math.max(limits.maxTokens(), limits.maxSequences());
        long step = scratch(stepBytes, "packed steps");
        // A feed-forward's values between its matrices are the columns of the last one.
        long products = scratch(
                ProductRoom.bytes(rows, mostMatrixColumns, mostMatrixColumns), "rows between the matrices of a layer");
        long partialBytes = 0;
        for (CudaKvCache cache : caches) {
            partialBytes = Math.max(partialBytes, AttentionLaunch.partialBytes(mostTokenColumns, cache.headSize()));
        }
        long partials = scratch(partialBytes, "attention");
        return new StepRoom(
                step,
                stepBytes,
                ProductRoom.at(products, rows, mostMatrixColumns, mostMatrixColumns),
                partials,
                sampleRoom(),
                caches,
                ropeTables);
    }

    private SampleRoom sampleRoom() {
        String purpose = "sampling";
        return new SampleRoom(
                scratch(SampleRoom.idBytes(limits), purpose),
                scratch(hasLogits ? SampleRoom.adjustedBytes(limits) : 0, purpose),
                scratch(hasLogits ? SampleRoom.resultBytes(limits.maxSequences(), true) : 0, purpose));
    }

    /// What operations need beside buffers: its address, 0 where this only measures.
    long scratch(long bytes, String purpose) {
        scratchBytes += takenBytes(bytes);
        return take(bytes, purpose);
    }

    /// Rotary frequencies and the like: as [#scratch], filled with `values` as long as weights are loaded.
    long scratch(double[] values, String purpose) {
        long address = scratch((long) Double.BYTES * values.length, purpose);
        if (stage != null) {
            upload(stage).copy(MemorySegment.ofArray(values), address);
        }
        return address;
    }

    /// What a driver takes for so many: whole pages, where it is much.
    private static long takenBytes(long bytes) {
        return bytes < LARGE_BYTES ? bytes : Math.ceilDiv(bytes, PAGE_BYTES) * PAGE_BYTES;
    }

    private long take(long bytes, String purpose) {
        return stage == null || bytes == 0
                ? 0
                : stage.owners()
                        .add(new DeviceArray(stage.driver(), bytes, purpose))
                        .address();
    }

    @Override
    public MemoryUse use() {
        return new MemoryUse(weightBytes, kvBytes, scratchBytes);
    }

    @Override
    public void close() {
        if (stage == null) {
            return;
        }
        boolean answers = true;
        try {
            // What is on the stream uses what is given back now.
            stage.stream().synchronize();
        } catch (CudaException e) {
            answers = false;
            if (e.isSticky()) {
                settings.lost().run();
            }
        }
        try (CudaStage last = stage;
                WeightUpload open = upload) {
            upload = null;
        } catch (CudaException e) {
            // A device that does not answer has lost everything already.
            if (answers) {
                throw e;
            }
        }
    }
}
