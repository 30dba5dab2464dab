package dev.millrace.worker.kernel.cuda;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.DeviceArray;
import dev.millrace.worker.step.StepLimits;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Device memory of one stage. A measuring one counts the same bytes and hands out handles without memory.
final class CudaMemory implements AutoCloseable {

    private final StepLimits limits;
    /// Null where it only measures.
    private final @Nullable CudaStage stage;

    private final long chunkBytes;
    private @Nullable WeightUpload upload;
    private long weightBytes;
    private long kvBytes;
    private long scratchBytes;

    private CudaMemory(StepLimits limits, @Nullable CudaStage stage, long chunkBytes) {
        this.limits = limits;
        this.stage = stage;
        this.chunkBytes = chunkBytes;
    }

    /// @param stage is closed with the memory
    static CudaMemory allocate(StepLimits limits, CudaStage stage) {
        return allocate(limits, stage, WeightUpload.CHUNK_BYTES);
    }

    /// @param chunkBytes of a buffer for loading
    static CudaMemory allocate(StepLimits limits, CudaStage stage, long chunkBytes) {
        return new CudaMemory(limits, stage, chunkBytes);
    }

    /// Takes nothing.
    static CudaMemory measure(StepLimits limits) {
        return new CudaMemory(limits, null, 0);
    }

    CudaMatrix matrix(TensorType type, int rows, int columns, MemorySegment data) {
        MatrixLayout layout = MatrixLayout.of(type, rows, columns);
        weightBytes += layout.totalBytes();
        CudaMatrix matrix = new CudaMatrix(type, rows, columns, layout, take(layout.totalBytes(), "weights"));
        if (stage != null) {
            WeightUpload.Rows repack = new Repack(stage.kernels(), stage.stream()).into(matrix);
            upload(stage).copyRows(data, type.rowBytes(columns), rows, repack);
        }
        return matrix;
    }

    CudaVector vector(float[] values) {
        long bytes = (long) Float.BYTES * values.length;
        weightBytes += bytes;
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

    CudaBuffer buffer(Rows rows, int columns) {
        long values = (long) columns * (rows == Rows.TOKENS ? limits.maxTokens() : limits.maxSequences());
        if (values > Integer.MAX_VALUE) {
            throw new IllegalStateException(
                    "%d values of %d columns are more than a device's buffer has; lower the token budget"
                            .formatted(values, columns));
        }
        return new CudaBuffer(rows, columns, scratch(values * Float.BYTES, "values between layers"));
    }

    CudaKvCache kvCache(int layers, int kvHeads, int headSize) {
        long bytes = layers * CudaKvCache.layerBytes(limits.kvType(), kvHeads, headSize, limits.kvBlocks());
        kvBytes += bytes;
        long address = take(bytes, "KV blocks");
        if (stage != null) {
            // What no token has written is read with weight 0, which only helps where it is a number.
            stage.driver()
                    .fillWords(address, 0, bytes / Integer.BYTES, stage.stream().handle());
        }
        return new CudaKvCache(layers, kvHeads, headSize, limits.kvBlocks(), limits.kvType(), address);
    }

    /// What operations need beside buffers: its address, 0 where this only measures.
    long scratch(long bytes, String purpose) {
        scratchBytes += bytes;
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

    private long take(long bytes, String purpose) {
        return stage == null || bytes == 0
                ? 0
                : stage.owners()
                        .add(new DeviceArray(stage.driver(), bytes, purpose))
                        .address();
    }

    MemoryUse use() {
        return new MemoryUse(weightBytes, kvBytes, scratchBytes);
    }

    @Override
    public void close() {
        try {
            if (upload != null) {
                upload.close();
            }
        } finally {
            if (stage != null) {
                stage.close();
            }
        }
    }
}
