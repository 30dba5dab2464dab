package dev.millrace.worker.kernel;

import dev.millrace.worker.step.StepLimits;
import java.util.Optional;

/// A device that can hold the layers of a stage and run steps through them. The device and everything on it is used on
/// its [#thread] alone, but for [#description], [#thread], [#memoryInfo], [#isLost],
/// [#isOutOfMemory] and [#close], which any thread may
/// call.
public interface Device extends AutoCloseable {

    /// What computes here, for people: `CPU, 512-bit vectors, 2 threads`.
    String description();

    /// Where everything happens.
    DeviceThread thread();

    /// The device's memory now; empty where it computes in the system's memory.
    default Optional<MemoryInfo> memoryInfo() {
        return Optional.empty();
    }

    /// True when the device answers nothing any more until the process has ended.
    default boolean isLost() {
        return false;
    }

    /// True where that exception of a load says that the device has no memory left.
    default boolean isOutOfMemory(Throwable failure) {
        return false;
    }

    /// Room for one stage whose steps stay within `limits`.
    DeviceMemory allocate(StepLimits limits);

    /// As [#allocate], with the weights that an earlier one left at `place` where they are of use.
    default DeviceMemory allocate(StepLimits limits, PackedPlace place) {
        return allocate(limits);
    }

    /// As [#allocate], but takes nothing and only counts: what is built there says in [DeviceMemory#use] what it would
    /// take, and must not compute.
    DeviceMemory measure(StepLimits limits);

    /// Lets go of the device; its memory has been closed before.
    @Override
    void close();
}
