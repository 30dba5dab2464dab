package dev.millrace.worker.grpc.placement;

/// What a stage takes, in bytes.
///
/// @param weightsBytes weights as the device holds them
/// @param kvBytes KV blocks
/// @param scratchBytes everything else that is allocated for steps
/// @param measuredBytes what had really been taken of the device's memory when it was ready; where that is the
/// system's, KV blocks may be reserved only
public record StageMemory(long weightsBytes, long kvBytes, long scratchBytes, long measuredBytes) {}
