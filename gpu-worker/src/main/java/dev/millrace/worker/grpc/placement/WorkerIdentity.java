package dev.millrace.worker.grpc.placement;

/// Who a worker is and what it can hold.
///
/// @param workerId unique among the workers, the same after a restart
/// @param address host and port where other stages and tokenizer-services reach this worker
/// @param device what it computes on, for people
/// @param modelDigest SHA-256 over the header of the model file that it sees
public record WorkerIdentity(String workerId, String address, String device, String modelDigest) {}
