package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.MemoryHolder;
import dev.millrace.worker.kernel.MemoryInfo;
import dev.millrace.worker.kernel.cuda.driver.Context;
import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.DeviceFacts;
import dev.millrace.worker.kernel.cuda.driver.Driver;
import dev.millrace.worker.kernel.cuda.driver.JcudaDriver;
import dev.millrace.worker.kernel.cuda.driver.Nvml;
import dev.millrace.worker.kernel.cuda.driver.OtherProcess;
import java.util.List;
import java.util.Optional;

/// Looks at the memory of a device that this process does not use.
final class DeviceLook {

    /// Both count a little differently; a part of a card, though, is told as the whole card by the library.
    private static final long SAME_WITHIN = 8;

    private static final long NO_CONTEXT = 0;

    private DeviceLook() {}

    /// What the management library says; the device itself is asked where that says nothing, which takes a moment and
    /// some hundred MiB of it meanwhile. Nothing is free where it does not answer either.
    static MemoryInfo memory(DeviceFacts device) {
        long freeBytes = Nvml.memory(device)
                .filter(told -> Math.abs(told.totalBytes() - device.totalBytes()) < device.totalBytes() / SAME_WITHIN)
                .or(() -> fromTheDevice(device))
                .map(dev.millrace.worker.kernel.cuda.driver.MemoryInfo::freeBytes)
                .orElse(0L);
        return new MemoryInfo(Math.min(freeBytes, device.totalBytes()), device.totalBytes(), others(device));
    }

    private static Optional<dev.millrace.worker.kernel.cuda.driver.MemoryInfo> fromTheDevice(DeviceFacts device) {
        try {
            Driver driver = JcudaDriver.open();
            try (Context context = new Context(driver, device.ordinal())) {
                context.makeCurrent();
                return Optional.of(driver.memory());
            } finally {
                driver.makeCurrent(NO_CONTEXT);
            }
        } catch (CudaException e) {
            return Optional.empty();
        }
    }

    /// Who has memory of it besides this process, most first.
    static List<MemoryHolder> others(DeviceFacts device) {
        return Nvml.others(device).stream().map(DeviceLook::holder).toList();
    }

    private static MemoryHolder holder(OtherProcess process) {
        String program = process.file().substring(process.file().lastIndexOf('/') + 1);
        return new MemoryHolder(process.pid(), program, process.bytes());
    }
}
