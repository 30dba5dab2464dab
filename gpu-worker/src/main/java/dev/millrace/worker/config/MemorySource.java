package dev.millrace.worker.config;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.MemoryUse;

/// Memory that stages are put into.
interface MemorySource {

    /// A look at the memory before a load.
    interface Watch {

        /// Bytes that the load has taken, now that it is over.
        ///
        /// @param plan what it was to take
        long takenBytes(MemoryUse plan);
    }

    /// What the stages of `device` are put into.
    static MemorySource of(Device device) {
        return device.memoryInfo().isPresent() ? new CardMemory(device) : SystemMemory.ofThisMachine();
    }

    /// Bytes that a stage can take now.
    long availableBytes();

    /// Bytes that this process holds and that only it can give back; differences of it count.
    long heldBytes();

    /// Begins to look at what a load takes.
    Watch watch();

    /// Whether what a stage allocates is taken at that moment, instead of when it is first written.
    boolean isTakenAtOnce();

    /// Whether a load that failed like this did so for lack of memory.
    boolean isExhaustedBy(Throwable failure);

    /// Behind "bytes are available" in a refusal: where, and who else is there; may be empty.
    String situation();
}
