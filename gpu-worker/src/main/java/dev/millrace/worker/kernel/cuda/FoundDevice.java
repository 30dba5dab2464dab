package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.MemoryInfo;
import dev.millrace.worker.kernel.cuda.driver.DeviceFacts;

/// A device that the driver shows.
///
/// @param refusal why it is not used, for people; empty where it may be
public record FoundDevice(DeviceFacts facts, String refusal) {

    /// Kernels are compiled for 8.0.
    private static final int LEAST_MAJOR = 8;

    static FoundDevice of(DeviceFacts facts) {
        String refusal = facts.major() >= LEAST_MAJOR
                ? ""
                : "%s has compute capability %s, and %d.0 is needed: Ampere or newer"
                        .formatted(facts.name(), facts.capability(), LEAST_MAJOR);
        return new FoundDevice(facts, refusal);
    }

    public boolean isUsable() {
        return refusal.isEmpty();
    }

    /// Its number among the devices that the driver shows to this process.
    public int ordinal() {
        return facts.ordinal();
    }

    /// As NVIDIA sells it.
    public String name() {
        return facts.name();
    }

    /// As NVIDIA writes it: `8.0`.
    public String capability() {
        return facts.capability();
    }

    /// Its memory now, while this process does not use it. From any thread.
    public MemoryInfo memory() {
        return DeviceLook.memory(facts);
    }
}
