package dev.millrace.cli.serve;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// How much memory processes may still take on this machine, in bytes.
final class AvailableMemory {
    private static final Path SYSTEM = Path.of("/proc/meminfo");
    private static final Path GROUP_LIMIT = Path.of("/sys/fs/cgroup/memory.max");
    private static final Path GROUP_USE = Path.of("/sys/fs/cgroup/memory.current");

    private AvailableMemory() {}

    static long bytes() {
        try {
            return Math.min(fromSystem(Files.readAllLines(SYSTEM)), fromGroup());
        } catch (IOException | NumberFormatException notLinux) {
            return installedBytes();
        }
    }

    /// The line `MemAvailable: 1234 kB`, which counts caches that would be given up.
    static long fromSystem(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("MemAvailable:"))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToLong(kilobytes -> Long.parseLong(kilobytes) << 10)
                .findFirst()
                .orElseGet(AvailableMemory::installedBytes);
    }

    private static long fromGroup() throws IOException {
        if (!Files.isReadable(GROUP_LIMIT) || !Files.isReadable(GROUP_USE)) {
            return Long.MAX_VALUE;
        }
        String limit = Files.readString(GROUP_LIMIT).strip();
        return limit.equals("max")
                ? Long.MAX_VALUE
                : Long.parseLong(limit)
                        - Long.parseLong(Files.readString(GROUP_USE).strip());
    }

    /// Where the system does not say what is available, all that is built in: better too hopeful than a false refusal.
    private static long installedBytes() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Long.MAX_VALUE;
    }
}
