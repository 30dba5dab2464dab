package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// The CPU's operations, for what kernels are compared with.
final class CpuRig implements AutoCloseable {

    private final CpuDevice device = new CpuDevice(1);
    final DeviceMemory memory;
    private @Nullable Operations operations;
    private int tokens;
    private int samples;

    CpuRig(StepLimits limits) {
        memory = device.allocate(limits);
    }

    /// After everything is allocated.
    Operations begin(StepInput step) {
        Operations begun = operations;
        if (begun == null) {
            begun = memory.operations();
            operations = begun;
        }
        begun.drop();
        begun.drop();
        begun.begin(step);
        tokens = step.tokenCount();
        samples = step.sampleCount();
        return begun;
    }

    float[] read(Operations from, DeviceBuffer buffer) {
        int rows = buffer.rows() == Rows.TOKENS ? tokens : samples;
        MemorySegment target = MemorySegment.ofArray(new byte[4 * rows * buffer.columns()]);
        from.download(buffer, target);
        return target.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    @Override
    public void close() {
        memory.close();
        device.close();
    }
}
