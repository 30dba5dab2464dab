package dev.millrace.worker.config;

import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.weights.LayerSpan;

/// How much a stage may take.
///
/// @param limitBytes the most that the user allows
/// @param source what there is
record MemoryBudget(long limitBytes, MemorySource source) {

    /// Bytes for a stage, when the one that takes `heldBytes` now makes room for it.
    long availableBytes(long heldBytes) {
        long free = source.availableBytes();
        return Math.min(limitBytes, free > Long.MAX_VALUE - heldBytes ? free : free + heldBytes);
    }

    /// Whether nothing has to be proved by taking it: what a stage allocates is taken at that moment anyway, or there
    /// is
    /// so much that stages like this one, on one machine, could take what they need for two pipelines,
    /// even if none had taken anything so far. Where there is, nobody has to prove it by taking it at once.
    boolean isPlenty(MemoryUse plan, LayerSpan span) {
        long stages = 2L * Math.ceilDiv(span.total(), span.count());
        return source.isTakenAtOnce() || plan.totalBytes() <= source.availableBytes() / stages;
    }

    /// @throws StageRefusedException with the numbers, when that is too much
    void check(MemoryUse plan) throws StageRefusedException {
        long available = availableBytes(0);
        if (plan.totalBytes() > available) {
            throw new StageRefusedException("the stage needs " + ByteSize.of(plan.totalBytes()) + " (weights "
                    + ByteSize.of(plan.weightBytes()) + ", KV blocks " + ByteSize.of(plan.kvBytes()) + ", buffers "
                    + ByteSize.of(plan.scratchBytes()) + "), but " + ByteSize.of(available)
                    + (available == limitBytes ? " are allowed" : " are available" + source.situation())
                    + "; more stages, a shorter context or fewer parallel sequences need less");
        }
    }
}
