package dev.millrace.cli.device;

/// A process that has memory of a device.
///
/// @param pid as the driver counts it
/// @param name its file; empty where that is not told
/// @param bytes 0 where that is not told
public record DeviceUser(long pid, String name, long bytes) {}
