package dev.millrace.worker.kernel;

import java.nio.file.Path;

/// Where a device may keep the weights of a stage as it lays them out, so that the next start finds them ready.
///
/// @param file where they are, if they are; the folder may be missing
/// @param key what they are made of: those with another key are of no use
public record PackedPlace(Path file, String key) {}
