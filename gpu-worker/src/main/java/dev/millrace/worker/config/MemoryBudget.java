package dev.millrace.worker.config;

import dev.millrace.worker.kernel.MemoryUse;

/// How much a stage may take.
///
/// @param limitBytes the most that the user allows
/// @param system what the machine has
record MemoryBudget(long limitBytes, SystemMemory system) {

    /// Bytes for a stage, when the one that takes `heldBytes` now makes room for it.
    long availableBytes(long heldBytes) {
        long free = system.availableBytes();
        return Math.min(limitBytes, free > Long.MAX_VALUE - heldBytes ? free : free + heldBytes);
    }

    /// @throws StageRefusedException with the numbers, when that is too much
    void check(MemoryUse plan) throws StageRefusedException {
        long available = availableBytes(0);
        if (plan.totalBytes() > available) {
            throw new StageRefusedException("the stage needs " + ByteSize.of(plan.totalBytes()) + " (weights "
                    + ByteSize.of(plan.weightBytes()) + ", KV blocks " + ByteSize.of(plan.kvBytes()) + ", buffers "
                    + ByteSize.of(plan.scratchBytes()) + "), but " + ByteSize.of(available)
                    + (available == limitBytes ? " are allowed" : " are available")
                    + "; more stages, a shorter context or fewer parallel sequences need less");
        }
    }
}
