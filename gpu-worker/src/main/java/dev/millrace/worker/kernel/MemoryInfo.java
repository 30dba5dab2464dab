package dev.millrace.worker.kernel;

/// The memory of a device that has its own, at one moment.
///
/// @param freeBytes that nobody holds
/// @param totalBytes of the device
/// @param ownBytes that this process holds
/// @param others who else holds some, for people; empty where nobody does or that is not known
public record MemoryInfo(long freeBytes, long totalBytes, long ownBytes, String others) {}
