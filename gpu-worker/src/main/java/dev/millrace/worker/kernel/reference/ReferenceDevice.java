package dev.millrace.worker.kernel.reference;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.step.StepLimits;

/// Weights dequantised to f32 on the heap, one loop after another, sums in f64: slow, and what the other devices are
/// compared with.
public final class ReferenceDevice implements Device {

    private final DeviceThread thread = new DeviceThread("device-reference");

    @Override
    public String description() {
        return "reference, one thread";
    }

    @Override
    public DeviceThread thread() {
        return thread;
    }

    @Override
    public DeviceMemory allocate(StepLimits limits) {
        return new ReferenceMemory(limits, false);
    }

    @Override
    public DeviceMemory measure(StepLimits limits) {
        return new ReferenceMemory(limits, true);
    }

    @Override
    public void close() {
        thread.close();
    }
}
