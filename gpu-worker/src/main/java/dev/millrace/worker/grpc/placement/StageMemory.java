package dev.millrace.worker.grpc.placement;

/// What a stage takes, in bytes.
///
/// @param weightsBytes weights as the device holds them
/// @param kvBytes KV blocks
/// @param scratchBytes everything else that is allocated for steps
/// @param measuredBytes what the process really took, measured after loading
public record StageMemory(long weightsBytes, long kvBytes, long scratchBytes, long measuredBytes) {}
