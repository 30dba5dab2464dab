package dev.millrace.worker.kernel;

/// A process that has memory of a device.
///
/// @param pid as the device's driver counts it: the host's, in a container, too
/// @param name its program; empty where that is not told
/// @param bytes 0 where that is not told
public record MemoryHolder(long pid, String name, long bytes) {

    /// For people: `python3, process 4711, 812 MiB`.
    public String description() {
        String who = name.isEmpty() ? "process " + pid : "%s, process %d".formatted(name, pid);
        return bytes == 0 ? who : "%s, %d MiB".formatted(who, bytes >> 20);
    }
}
