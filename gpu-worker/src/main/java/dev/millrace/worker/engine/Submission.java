package dev.millrace.worker.engine;

import dev.millrace.worker.schedule.SequenceRequest;

/// One sequence to start.
///
/// @param sequenceId chosen by the client, unique among its sequences
/// @param request what to compute
public record Submission(long sequenceId, SequenceRequest request) {}
