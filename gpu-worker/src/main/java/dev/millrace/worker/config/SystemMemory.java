package dev.millrace.worker.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the operating system says about memory: the whole machine's, and that of the control groups (version 2) that
/// this process is in, as containers are. Where Linux's files are missing nothing is known, and nothing is limited.
record SystemMemory(Path procFolder, Path cgroupFolder) implements MemorySource {

    static final long UNKNOWN = Long.MAX_VALUE;

    /// The files of this machine.
    static SystemMemory ofThisMachine() {
        return new SystemMemory(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
    }

    /// Bytes that the machine has, or the largest number when that is not known.
    long totalBytes() {
        return kibibytes(procFolder.resolve("meminfo"), "MemTotal:", UNKNOWN);
    }

    /// Bytes that can be taken without swapping, or the largest number when that is not known.
    @Override
    public long availableBytes() {
        long available = kibibytes(procFolder.resolve("meminfo"), "MemAvailable:", UNKNOWN);
        Path group = cgroupFolder;
        available = Math.min(available, availableIn(group));
        for (Path part : Path.of(groupOfThisProcess())) {
            group = group.resolve(part);
            available = Math.min(available, availableIn(group));
        }
        return available;
    }

    /// Bytes that this process holds and that only it can give back, or 0 when that is not known.
    @Override
    public long heldBytes() {
        return kibibytes(procFolder.resolve("self/status"), "RssAnon:", 0);
    }

    /// Bytes of memory that this process sees, those of mapped files included, or 0 when that is not known.
    long residentBytes() {
        return heldBytes() + kibibytes(procFolder.resolve("self/status"), "RssFile:", 0);
    }

    @Override
    public Watch watch() {
        long before = residentBytes();
        return plan -> Math.max(0, residentBytes() - before);
    }

    /// Large memory is only reserved until it is written.
    @Override
    public boolean isTakenAtOnce() {
        return false;
    }

    @Override
    public boolean isExhaustedBy(Throwable failure) {
        return failure instanceof OutOfMemoryError;
    }

    @Override
    public String situation() {
        return "";
    }

    private static long availableIn(Path group) {
        long limit = number(group.resolve("memory.max"), UNKNOWN);
        if (limit == UNKNOWN) {
            return UNKNOWN;
        }
        long used = number(group.resolve("memory.current"), 0);
        // Cached file pages count as used, but give way.
        long reclaimable = field(group.resolve("memory.stat"), "inactive_file", 0);
        return Math.max(0, limit - used + reclaimable);
    }

    /// The path of the control group below the folder of all groups; empty where there is none.
    private String groupOfThisProcess() {
        for (String line : lines(procFolder.resolve("self/cgroup"))) {
            if (line.startsWith("0::/")) {
                return line.substring("0::/".length());
            }
        }
        return "";
    }

    private static long kibibytes(Path file, String name, long otherwise) {
        long value = field(file, name, UNKNOWN);
        return value == UNKNOWN ? otherwise : value * 1024;
    }

    private static long field(Path file, String name, long otherwise) {
        for (String line : lines(file)) {
            String[] words = line.trim().split("\\s+", -1);
            if (words.length >= 2 && words[0].equals(name)) {
                return parse(words[1], otherwise);
            }
        }
        return otherwise;
    }

    private static long number(Path file, long otherwise) {
        List<String> lines = lines(file);
        return lines.isEmpty() ? otherwise : parse(lines.getFirst().trim(), otherwise);
    }

    /// A control group without a limit says `max`.
    private static long parse(String word, long otherwise) {
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }
}
