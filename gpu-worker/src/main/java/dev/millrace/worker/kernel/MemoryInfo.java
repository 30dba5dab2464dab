package dev.millrace.worker.kernel;

import java.util.List;

/// The memory of a device that has its own, at one moment.
///
/// @param freeBytes that nobody holds
/// @param totalBytes of the device
/// @param others who holds some besides this process, most first; empty where nobody does or that is not told
public record MemoryInfo(long freeBytes, long totalBytes, List<MemoryHolder> others) {

    public MemoryInfo {
        others = List.copyOf(others);
    }

    /// What the others hold together, as far as that is told.
    public long othersBytes() {
        return others.stream().mapToLong(MemoryHolder::bytes).sum();
    }
}
