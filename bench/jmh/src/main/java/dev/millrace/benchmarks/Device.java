package dev.millrace.benchmarks;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.Matrix;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cpu.CpuKernels;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/// The CPU with memory for one benchmark, and weights and values to fill it with.
final class Device implements AutoCloseable {

    private final CpuDevice device;
    final DeviceMemory memory;

    /// @param threads that compute; 0 is one a processor
    Device(int threads, StepLimits limits) {
        this(threads, CpuKernels.AUTO, limits);
    }

    /// @param threads that compute; 0 is one a processor
    Device(int threads, CpuKernels kernels, StepLimits limits) {
        device = new CpuDevice(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads, kernels);
        memory = device.allocate(limits);
    }

    /// Random weights without infinities: in every format a byte without its two highest bits is harmless.
    Matrix matrix(TensorType type, int rows, int columns) {
        byte[] bytes = new byte[Math.toIntExact(type.rowBytes(columns) * rows)];
        new SplittableRandom(rows).nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] &= 0x3f;
        }
        return memory.matrix(type, rows, columns, MemorySegment.ofArray(bytes));
    }

    /// Begins the step and fills the buffers with numbers from -1 to 1.
    static void fill(Operations operations, StepInput step, DeviceBuffer... buffers) {
        operations.begin(step);
        SplittableRandom random = new SplittableRandom(1);
        for (DeviceBuffer buffer : buffers) {
            float[] values = new float[step.tokenCount() * buffer.columns()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(-1, 1);
            }
            MemorySegment source = MemorySegment.ofBuffer(ByteBuffer.allocateDirect(Float.BYTES * values.length));
            MemorySegment.copy(values, 0, source, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values.length);
            operations.upload(source, buffer);
        }
    }

    @Override
    public void close() {
        memory.close();
        device.close();
    }
}
