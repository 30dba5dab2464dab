package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.step.StepLimits;

/// The cores of this machine, through the Vector API.
public final class CpuDevice implements Device {

    private final WorkerPool pool;

    /// Computes on `threads` threads, the calling one included; with 1 it starts none.
    public CpuDevice(int threads) {
        this(threads, threads);
    }

    /// Computes on `threads` threads, the calling one included, and on up to `threadsAlone` while no other step is
    /// under
    /// way in the pipeline: stages on one machine that take turns then have all its cores in turn.
    public CpuDevice(int threads, int threadsAlone) {
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads cannot compute anything");
        }
        pool = new WorkerPool(threads, threadsAlone);
    }

    @Override
    public String description() {
        return "CPU, %s, %d %s"
                .formatted(Lanes.description(), pool.threads(), pool.threads() == 1 ? "thread" : "threads");
    }

    @Override
    public DeviceMemory allocate(StepLimits limits) {
        return new CpuMemory(limits, pool, false);
    }

    @Override
    public DeviceMemory measure(StepLimits limits) {
        return new CpuMemory(limits, pool, true);
    }

    @Override
    public void close() {
        pool.close();
    }
}
