package dev.millrace.worker.kernel.cuda.driver;

/// A process that has memory of a device.
///
/// @param pid as NVIDIA's driver counts it: the host's, in a container, too
/// @param bytes 0 where that is not told
/// @param name its file; empty where that is not told
public record OtherProcess(long pid, long bytes, String name) {

    /// For people: `python3, process 4711, 812 MiB`.
    public String description() {
        String file = name.substring(name.lastIndexOf('/') + 1);
        String who = file.isEmpty() ? "process " + pid : "%s, process %d".formatted(file, pid);
        return bytes == 0 ? who : "%s, %d MiB".formatted(who, bytes >> 20);
    }
}
