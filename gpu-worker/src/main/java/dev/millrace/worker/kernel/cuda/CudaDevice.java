package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.kernel.MemoryInfo;
import dev.millrace.worker.kernel.cuda.driver.Context;
import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.DeviceFacts;
import dev.millrace.worker.kernel.cuda.driver.Driver;
import dev.millrace.worker.kernel.cuda.driver.JcudaDriver;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.StepLimits;
import java.util.Optional;

/// One device of NVIDIA's.
public final class CudaDevice implements Device {

    private static final long MEBIBYTE = 1 << 20;

    private final DeviceFacts facts;
    private final CudaSettings settings;
    private final DeviceThread thread;
    private final DeviceThread watch;
    private final Driver driver;
    private final Context context;
    private volatile boolean lost;

    private record Opened(Driver driver, Context context) {}

    /// Takes the device's context, on its own thread.
    ///
    /// @param found is usable
    /// @param ledger where transfers and phases of steps are entered
    /// @param useGraphs whether steps that come again are launched as one
    public CudaDevice(FoundDevice found, StepLedger ledger, boolean useGraphs) {
        facts = found.facts();
        settings = new CudaSettings(ledger, useGraphs, () -> lost = true);
        thread = new DeviceThread("device-cuda-" + facts.ordinal());
        watch = new DeviceThread("device-cuda-%d-memory".formatted(facts.ordinal()));
        Opened opened;
        try {
            opened = thread.call(() -> {
                Driver open = JcudaDriver.open();
                return new Opened(open, new Context(open, facts.ordinal()));
            });
        } catch (RuntimeException | Error e) {
            thread.close();
            throw e;
        }
        driver = opened.driver();
        context = opened.context();
    }

    @Override
    public String description() {
        return "CUDA %d, %s, %d MiB, compute capability %s"
                .formatted(facts.ordinal(), facts.name(), facts.totalBytes() / MEBIBYTE, facts.capability());
    }

    @Override
    public DeviceThread thread() {
        return thread;
    }

    @Override
    public boolean isLost() {
        return lost;
    }

    @Override
    public Optional<MemoryInfo> memoryInfo() {
        return Optional.of(new MemoryInfo(watch.call(this::freeBytes), facts.totalBytes(), DeviceLook.others(facts)));
    }

    /// Asked on a thread of its own: the device's may be in the middle of a step for as long as an engine runs.
    private long freeBytes() {
        try {
            Driver observer = JcudaDriver.open();
            observer.makeCurrent(context.handle());
            return observer.memory().freeBytes();
        } catch (CudaException e) {
            // Whoever wants to use it will be told.
            return 0;
        }
    }

    @Override
    public boolean isOutOfMemory(Throwable failure) {
        return failure instanceof CudaException refusal && refusal.isOutOfMemory();
    }

    @Override
    public DeviceMemory allocate(StepLimits limits) {
        // Another thread than the first where that one did not come back.
        context.makeCurrent();
        return CudaMemory.allocate(limits, CudaStage.open(driver), settings);
    }

    @Override
    public DeviceMemory measure(StepLimits limits) {
        return CudaMemory.measure(limits);
    }

    @Override
    public void close() {
        watch.close();
        try {
            thread.run(context::close);
        } catch (CudaException e) {
            // A device that does not answer has lost everything already.
            if (!lost) {
                throw e;
            }
        } finally {
            thread.close();
        }
    }
}
