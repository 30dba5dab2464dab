package dev.millrace.worker.kernel.cuda.driver;

/// A device's memory as its driver sees it, all processes counted.
public record MemoryInfo(long freeBytes, long totalBytes) {}
