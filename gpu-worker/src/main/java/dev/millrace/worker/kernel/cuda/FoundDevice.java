package dev.millrace.worker.kernel.cuda;

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
}
