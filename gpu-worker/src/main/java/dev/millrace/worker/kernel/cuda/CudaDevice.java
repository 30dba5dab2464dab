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
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One device of NVIDIA's.
public final class CudaDevice implements Device {

    private static final long MEBIBYTE = 1 << 20;

    /// The driver's locks may be held for some seconds, or for ever where the device hangs.
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);

    private static final Duration CLOSES_WITHIN = Duration.ofSeconds(2);

    private final DeviceFacts facts;
    private final CudaSettings settings;
    private final DeviceThread thread;
    private final DeviceThread watch;
    private final Context context;
    private volatile boolean lost;

    /// Takes the device's context, on its own thread.
    ///
    /// @param found is usable
    /// @param ledger where transfers and phases of steps are entered
    /// @param useGraphs whether steps that come again are launched as one
    public CudaDevice(FoundDevice found, StepLedger ledger, boolean useGraphs) {
        facts = found.facts();
        thread = new DeviceThread("device-cuda-" + facts.ordinal());
        watch = new DeviceThread("device-cuda-%d-memory".formatted(facts.ordinal()));
        try {
            context = thread.call(() -> new Context(JcudaDriver.open(), facts.ordinal()));
        } catch (RuntimeException | Error e) {
            thread.close();
            throw e;
        }
        settings = new CudaSettings(ledger, useGraphs, context.handle(), () -> lost = true);
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
        // What a stage holds that does not come back is freed with the process only.
        return lost || thread.isAbandoned();
    }

    @Override
    public Optional<MemoryInfo> memoryInfo() {
        return Optional.of(watch.call(this::look, ANSWERS_WITHIN)
                .orElseGet(() -> new MemoryInfo(0, facts.totalBytes(), List.of())));
    }

    private MemoryInfo look() {
        return new MemoryInfo(freeBytes(), facts.totalBytes(), DeviceLook.others(facts));
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
        // Should that one come back after all, what it still does must not meet the objects of this one's calls.
        return CudaMemory.allocate(limits, CudaStage.open(JcudaDriver.open()), settings);
    }

    @Override
    public DeviceMemory measure(StepLimits limits) {
        return CudaMemory.measure(limits);
    }

    @Override
    public void close() {
        watch.close();
        try {
            // A device that hangs, or is still being loaded, must not keep the process from ending, which frees all.
            Optional<Boolean> ignored = thread.call(
                    () -> {
                        context.close();
                        return true;
                    },
                    CLOSES_WITHIN);
        } catch (CudaException e) {
            // A device that does not answer has lost everything already.
            if (!isLost()) {
                throw e;
            }
        } finally {
            thread.close();
        }
    }
}
