package dev.millrace.worker.kernel;

/// [RopeFrequencies] as a device holds them.
public interface RopeTable {}
