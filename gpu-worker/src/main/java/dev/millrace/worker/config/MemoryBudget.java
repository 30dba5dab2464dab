package dev.millrace.worker.config;

import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.weights.LayerSpan;

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

    /// Whether there is so much that stages like this one, on one machine, could take what they need for two pipelines,
    /// even if none had taken anything so far. Where there is, nobody has to prove it by taking it at once.
    boolean isPlenty(MemoryUse plan, LayerSpan span) {
        long stages = 2L * Math.ceilDiv(span.total(), span.count());
        return plan.totalBytes() <= system.availableBytes() / stages;
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
