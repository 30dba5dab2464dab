package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Matrix;
import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.PackedPlace;
import dev.millrace.worker.kernel.RopeFrequencies;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.sample.Sampler;
import dev.millrace.worker.step.StepLimits;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Off-heap memory of one stage. A measuring one counts the same bytes and hands out handles without memory.
final class CpuMemory implements DeviceMemory {

    /// What taking over a weight costs one thread, roughly.
    private static final long PACKED_BYTES_PER_NANO = 1;

    /// Fewer are packed before a file is found.
    static final long LEAST_KEPT_BYTES = 64 << 20;

    private final StepLimits limits;
    private final WorkerPool pool;
    private final boolean useNative;
    private final boolean measuring;
    private final @Nullable PackedPlace place;
    private final Arena arena = Arena.ofShared();
    private final PackedFile packed;
    private final List<CpuMatrix> matrices = new ArrayList<>();
    /// Held for as long as another thread than the owner works on the memory.
    private final Object closing = new Object();
    private boolean closed;
    private MemorySegment reserved = MemorySegment.NULL;
    private long taken;
    private int headSize = 1;
    private int mostBlockColumns;
    private int mostSuperblockColumns;
    private int mostPlainColumns;
    private long weightBytes;
    private long kvBytes;
    private long scratchBytes;

    CpuMemory(StepLimits limits, WorkerPool pool, boolean useNative, boolean measuring, @Nullable PackedPlace place) {
        this.place = place;
        packed = PackedFile.open(place, arena);
        this.limits = limits;
        this.pool = pool;
        this.useNative = useNative;
        this.measuring = measuring;
    }

    /// Zeros.
    private MemorySegment take(long bytes) {
        return measuring ? MemorySegment.NULL : LargePages.allocate(arena, bytes + Lanes.OVERREAD_BYTES);
    }

    @Override
    public Matrix matrix(TensorType type, int rows, int columns, MemorySegment data) {
        RowLayout layout = RowLayout.of(type);
        if (layout instanceof QuantLayout quantized) {
            if (quantized.hasUnitScales()) {
                mostSuperblockColumns = Math.max(mostSuperblockColumns, columns);
            } else {
                mostBlockColumns = Math.max(mostBlockColumns, columns);
            }
        } else {
            mostPlainColumns = Math.max(mostPlainColumns, columns);
        }
        long bytes = CpuMatrix.bytes(layout, rows, columns);
        weightBytes += bytes;
        MemorySegment kept = packed.take(new CpuMatrix(type, rows, columns, layout, MemorySegment.NULL), data);
        CpuMatrix matrix = new CpuMatrix(type, rows, columns, layout, kept == null ? take(bytes) : kept);
        if (!measuring && kept == null) {
            pool.run(new PackTask(data, matrix), matrix.groups(), bytes / PACKED_BYTES_PER_NANO);
        }
        matrices.add(matrix);
        return matrix;
    }

    @Override
    public boolean keepPacked() throws IOException {
        if (place == null || !packed.isEmpty() || weightBytes < LEAST_KEPT_BYTES) {
            return false;
        }
        try (PackedWriter writer = PackedWriter.begin(place, matrices)) {
            return writer != null && write(writer);
        }
    }

    private boolean write(PackedWriter writer) throws IOException {
        boolean more = true;
        while (more) {
            long begin = System.nanoTime();
            synchronized (closing) {
                if (closed) {
                    return false;
                }
                more = writer.writeSome();
            }
            LockSupport.parkNanos(System.nanoTime() - begin);
        }
        writer.finish();
        return true;
    }

    @Override
    public DeviceVector vector(float[] values) {
        long bytes = (long) Float.BYTES * CpuBuffer.padded(values.length);
        CpuVector vector = new CpuVector(values.length, take(bytes));
        weightBytes += bytes;
        if (!measuring) {
            MemorySegment.copy(values, 0, vector.values(), CpuBuffer.FLOAT, 0, values.length);
        }
        return vector;
    }

    private int mostRows(Rows rows) {
        return rows == Rows.TOKENS ? limits.maxTokens() : limits.maxSequences();
    }

    @Override
    public DeviceBuffer buffer(Rows rows, int columns) {
        long bytes = (long) Float.BYTES * CpuBuffer.padded(columns) * mostRows(rows);
        scratchBytes += bytes;
        return new CpuBuffer(rows, columns, take(bytes));
    }

    @Override
    public KvCache kvCache(int layers, int kvHeads, int size) {
        headSize = Math.max(headSize, size);
        KvFormat format = KvFormat.of(limits.kvType());
        long bytes = CpuKvCache.bytes(layers, kvHeads, size, limits.kvBlocks(), format);
        kvBytes += bytes;
        MemorySegment data = measuring ? MemorySegment.NULL : LargePages.reserve(arena, bytes + Lanes.OVERREAD_BYTES);
        reserved = data;
        return new CpuKvCache(layers, kvHeads, size, limits.kvBlocks(), format, data);
    }

    @Override
    public RopeTable ropeTable(RopeFrequencies frequencies) {
        scratchBytes += CpuRopeTable.bytes(frequencies.dimensions(), limits.maxTokens());
        return new CpuRopeTable(
                frequencies.radiansPerPosition(),
                frequencies.magnitude(),
                frequencies.pairs(),
                measuring ? 0 : limits.maxTokens());
    }

    @Override
    public Operations operations() {
        int mostRows = Math.max(limits.maxTokens(), limits.maxSequences());
        long panel = Scratch.panelBytes(useNative);
        long halves = useNative ? 0 : (long) Float.BYTES * PlainVectorProducts.PANEL_VALUES;
        long sums = Scratch.sumsBytes(mostRows);
        long attention = AttentionKernel.scratchBytes(headSize);
        long sampling = Sampler.scratchBytes(limits.vocabularySize());
        long wholes = useNative || mostSuperblockColumns == 0 ? 0 : sums;
        long gated = mostSuperblockColumns == 0 ? 0 : Scratch.gatedBytes(mostRows);
        scratchBytes += (panel + halves + 2 * sums + wholes + gated + attention + sampling) * pool.threads();
        scratchBytes += AttentionTask.SPAN_BYTES;
        requireHeap(mostRows);
        ProductInputs inputs = productInputs(mostRows);
        ProductInputs between = productInputs(mostRows);
        Scratch[] scratch = new Scratch[pool.threads()];
        for (int thread = 0; thread < scratch.length; thread++) {
            scratch[thread] = new Scratch(
                    take(panel),
                    new float[useNative || measuring ? 0 : PlainVectorProducts.PANEL_VALUES],
                    take(sums),
                    take(sums),
                    take(wholes),
                    take(gated),
                    take(attention),
                    new Sampler(measuring ? 0 : limits.vocabularySize()));
        }
        return new CpuOperations(
                pool, scratch, inputs, between, useNative, peaks(), take(AttentionTask.SPAN_BYTES), limits);
    }

    private @Nullable Peaks peaks() {
        if (!useNative) {
            return null;
        }
        scratchBytes += Peaks.bytes(limits.maxSequences(), limits.vocabularySize());
        return Peaks.allocate(limits.maxSequences(), limits.vocabularySize(), this::take);
    }

    /// The Vector API takes rows from arrays, which must fit beside everything else that is on the heap.
    private void requireHeap(int rows) {
        long bytes =
                useNative ? 0 : 2L * rows * (mostPlainColumns + mostBlockColumns + mostSuperblockColumns) * Float.BYTES;
        long heap = Runtime.getRuntime().maxMemory();
        if (bytes > heap / 2) {
            throw new IllegalStateException(
                    "steps of %d tokens take %d MiB of Java's heap of %d MiB, of which half may be taken; lower the token budget"
                            .formatted(rows, bytes >> 20, heap >> 20));
        }
    }

    private ProductInputs productInputs(int rows) {
        scratchBytes += QuantizedRows.bytes(rows, mostBlockColumns, useNative);
        scratchBytes += QuantizedRows.bytes(rows, mostSuperblockColumns, useNative);
        scratchBytes += PlainRows.bytes(rows, mostPlainColumns);
        return new ProductInputs(
                PlainRows.allocate(rows, mostPlainColumns, useNative, measuring, this::take),
                QuantizedRows.allocate(rows, mostBlockColumns, 1, useNative, measuring, this::take),
                QuantizedRows.allocate(
                        rows, mostSuperblockColumns, QuantLayout.SUPERBLOCK_UNITS, useNative, measuring, this::take));
    }

    @Override
    public boolean takeReserved() {
        synchronized (closing) {
            if (!closed && taken < reserved.byteSize()) {
                taken = LargePages.take(reserved, taken);
            }
            return !closed && taken < reserved.byteSize();
        }
    }

    @Override
    public MemoryUse use() {
        return new MemoryUse(weightBytes, kvBytes, scratchBytes);
    }

    @Override
    public void close() {
        synchronized (closing) {
            closed = true;
            arena.close();
        }
    }
}
