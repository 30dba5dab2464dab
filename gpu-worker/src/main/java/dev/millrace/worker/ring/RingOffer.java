package dev.millrace.worker.ring;

/// Where another process finds a ring, and how it knows that it has found that one.
///
/// @param bootId of the running system, so that another machine does not look
/// @param process that made it
/// @param descriptor under which that process has the memory open
/// @param bytes of the memory
/// @param nonceHigh half of a random number that stands at its start
/// @param nonceLow the other half
public record RingOffer(String bootId, long process, int descriptor, long bytes, long nonceHigh, long nonceLow) {}
