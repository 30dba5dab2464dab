package dev.millrace.worker.config;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.MemoryHolder;
import dev.millrace.worker.kernel.MemoryInfo;
import dev.millrace.worker.kernel.MemoryUse;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The memory of a device that has its own, which other processes may use, too: further stages on the same card, for
/// example. What is free there is free for whoever comes first.
///
/// @param device says what it has
record CardMemory(Device device) implements MemorySource {

    private static final Logger log = LoggerFactory.getLogger(CardMemory.class);

    /// Beside what is planned: compiled kernels, the buffer that weights pass through, graphs of steps, and what the
    /// driver takes for itself.
    private static final long MOST_KEPT_BYTES = 512L << 20;

    /// A small card keeps less.
    private static final long KEPT_PART = 16;

    /// Differences that need no explanation: of others' memory, and of a load's from its plan or that part of it.
    private static final long MARGIN_BYTES = 256L << 20;

    private static final long PLAN_PART = 10;

    private MemoryInfo info() {
        return device.memoryInfo().orElseThrow();
    }

    private static long keptBytes(MemoryInfo info) {
        return Math.min(MOST_KEPT_BYTES, info.totalBytes() / KEPT_PART);
    }

    private static long availableBytes(MemoryInfo info) {
        return Math.max(0, info.freeBytes() - keptBytes(info));
    }

    @Override
    public long availableBytes() {
        return availableBytes(info());
    }

    /// What neither is free nor belongs to others that are known.
    @Override
    public long heldBytes() {
        return heldBytes(info());
    }

    private static long heldBytes(MemoryInfo info) {
        return info.totalBytes() - info.freeBytes() - info.othersBytes();
    }

    @Override
    public Watch watch() {
        MemoryInfo before = info();
        return plan -> takenBytes(before, info(), plan);
    }

    private long takenBytes(MemoryInfo before, MemoryInfo after, MemoryUse plan) {
        long taken = Math.max(0, heldBytes(after) - heldBytes(before));
        if (after.othersBytes() > before.othersBytes() + MARGIN_BYTES) {
            log.warn(
                    "Others have taken {} of {} while the stage was loaded: {}",
                    ByteSize.of(after.othersBytes() - before.othersBytes()),
                    device.description(),
                    names(after));
        }
        if (Math.abs(taken - plan.totalBytes()) > Math.max(MARGIN_BYTES, plan.totalBytes() / PLAN_PART)) {
            log.warn(
                    "Loading has taken {} of {}, {} were planned; somebody else may have come or gone meanwhile",
                    ByteSize.of(taken),
                    device.description(),
                    ByteSize.of(plan.totalBytes()));
        }
        return taken;
    }

    @Override
    public boolean isTakenAtOnce() {
        return true;
    }

    @Override
    public boolean isExhaustedBy(Throwable failure) {
        return device.isOutOfMemory(failure);
    }

    @Override
    public String situation() {
        MemoryInfo info = info();
        return " on %s (%s of %s are free, %s of these are kept%s)"
                .formatted(
                        device.description(),
                        ByteSize.of(info.freeBytes()),
                        ByteSize.of(info.totalBytes()),
                        ByteSize.of(keptBytes(info)),
                        info.others().isEmpty() ? "" : "; also there: " + names(info));
    }

    private static String names(MemoryInfo info) {
        return info.others().stream().map(MemoryHolder::description).collect(Collectors.joining("; "));
    }
}
