package dev.millrace.worker.kernel.reference;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Matrix;
import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.RopeFrequencies;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.sample.Sampler;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import java.lang.foreign.MemorySegment;

/// Arrays on the heap. A measuring memory hands out empty ones.
final class ReferenceMemory implements DeviceMemory {

    record Weights(TensorType type, int rows, int columns, float[] values) implements Matrix {}

    record Values(float[] values) implements DeviceVector {
        @Override
        public int size() {
            return values.length;
        }
    }

    record Buffer(Rows rows, int columns, float[] values) implements DeviceBuffer {}

    /// Keys and values `[layers, slots, K * D]`, rounded to what the type can tell apart.
    record Cache(int layers, int kvHeads, int headSize, int slots, KvType type, float[] keys, float[] values)
            implements KvCache {
        int row(int layer, int slot) {
            return (layer * slots + slot) * kvHeads * headSize;
        }
    }

    record Angles(RopeFrequencies frequencies) implements RopeTable {}

    private final StepLimits limits;
    private final boolean measuring;
    private long weightBytes;
    private long kvBytes;
    private long scratchBytes;

    ReferenceMemory(StepLimits limits, boolean measuring) {
        this.limits = limits;
        this.measuring = measuring;
    }

    private float[] floats(long count) {
        return new float[measuring ? 0 : Math.toIntExact(count)];
    }

    @Override
    public Matrix matrix(TensorType type, int rows, int columns, MemorySegment data) {
        float[] values = floats((long) rows * columns);
        if (!measuring) {
            type.dequantize(data, 0, values, 0, values.length);
        }
        weightBytes += (long) Float.BYTES * rows * columns;
        return new Weights(type, rows, columns, values);
    }

    @Override
    public DeviceVector vector(float[] values) {
        weightBytes += (long) Float.BYTES * values.length;
        return new Values(values.clone());
    }

    @Override
    public DeviceBuffer buffer(Rows rows, int columns) {
        long count = (long) columns * (rows == Rows.TOKENS ? limits.maxTokens() : limits.maxSequences());
        scratchBytes += Float.BYTES * count;
        return new Buffer(rows, columns, floats(count));
    }

    @Override
    public KvCache kvCache(int layers, int kvHeads, int headSize) {
        int slots = limits.kvBlocks() * StepInput.BLOCK_TOKENS;
        long count = (long) layers * slots * kvHeads * headSize;
        kvBytes += 2 * Float.BYTES * count;
        return new Cache(layers, kvHeads, headSize, slots, limits.kvType(), floats(count), floats(count));
    }

    @Override
    public RopeTable ropeTable(RopeFrequencies frequencies) {
        return new Angles(frequencies);
    }

    @Override
    public Operations operations() {
        scratchBytes += Sampler.scratchBytes(limits.vocabularySize());
        return new ReferenceOperations(limits);
    }

    @Override
    public MemoryUse use() {
        return new MemoryUse(weightBytes, kvBytes, scratchBytes);
    }

    @Override
    public void close() {}
}
