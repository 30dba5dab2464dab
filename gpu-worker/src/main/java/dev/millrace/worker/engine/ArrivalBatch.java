package dev.millrace.worker.engine;

import java.util.List;

/// What a client sends at once. Submissions are taken before cancellations, each in its order.
///
/// @param submitted sequences to start
/// @param cancelled ids of sequences to end, at whatever point they are; ids that are not known are passed over
@SuppressWarnings("ArrayRecordComponent") // Handed over once and never compared.
public record ArrivalBatch(List<Submission> submitted, long[] cancelled) {}
