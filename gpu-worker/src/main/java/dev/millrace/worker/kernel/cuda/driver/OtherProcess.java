package dev.millrace.worker.kernel.cuda.driver;

/// A process that has memory of a device.
///
/// @param pid as NVIDIA's driver counts it: the host's, in a container, too
/// @param bytes 0 where that is not told
/// @param file its program; empty where that is not told
public record OtherProcess(long pid, long bytes, String file) {}
