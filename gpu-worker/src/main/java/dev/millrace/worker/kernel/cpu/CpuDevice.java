package dev.millrace.worker.kernel.cpu;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.kernel.PackedPlace;
import dev.millrace.worker.step.StepLimits;

/// The cores of this machine, through the Vector API and kernels in C.
public final class CpuDevice implements Device {

    private final DeviceThread thread = new DeviceThread("device-cpu");
    private final WorkerPool pool;
    private final boolean useNative;

    /// Computes on `threads` threads, the calling one included, with the best kernels that are there.
    public CpuDevice(int threads) {
        this(threads, CpuKernels.AUTO);
    }

    /// Computes on `threads` threads, the calling one included.
    ///
    /// @throws IllegalStateException where native kernels are wanted and there are none
    public CpuDevice(int threads, CpuKernels kernels) {
        this(threads, threads, kernels);
    }

    /// Computes on `threads` threads, the calling one included, and on up to `threadsAlone` while no other step is
    /// under way in the pipeline: stages on one machine that take turns then have all its cores in turn.
    ///
    /// @throws IllegalStateException where native kernels are wanted and there are none
    public CpuDevice(int threads, int threadsAlone, CpuKernels kernels) {
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads cannot compute anything");
        }
        useNative = kernels.useNative();
        pool = new WorkerPool(threads, threadsAlone);
    }

    @Override
    public String description() {
        return "CPU, %s, %s kernels, %d %s"
                .formatted(
                        Lanes.description(),
                        useNative ? NativeLibrary.description(NativeLibrary.LEVEL) : "Vector API",
                        pool.threads(),
                        pool.threads() == 1 ? "thread" : "threads");
    }

    @Override
    public DeviceThread thread() {
        return thread;
    }

    @Override
    public DeviceMemory allocate(StepLimits limits) {
        return new CpuMemory(limits, pool, useNative, false, null);
    }

    @Override
    public DeviceMemory allocate(StepLimits limits, PackedPlace place) {
        return new CpuMemory(limits, pool, useNative, false, place);
    }

    @Override
    public DeviceMemory measure(StepLimits limits) {
        return new CpuMemory(limits, pool, useNative, true, null);
    }

    @Override
    public void close() {
        thread.close();
        pool.close();
    }
}
