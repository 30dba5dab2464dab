package dev.millrace.worker.schedule;

import dev.millrace.worker.step.StepInputBuilder;

/// Packs what the scheduler decided: a sequence's next tokens and, after the last known one, the wish for a sample.
final class StepPacker {

    private StepPacker() {}

    /// Adds the next `count` tokens of the sequence; its table has blocks for them.
    static void add(StepInputBuilder builder, Sequence sequence, int count) {
        builder.sequence(sequence.tokens(), sequence.computed, count, sequence.table.blocks());
        sequence.computed += count;
        if (sequence.computed == sequence.length()) {
            sequence.decoding = true;
            sequence.sampling = true;
            addSample(builder, sequence);
        }
    }

    private static void addSample(StepInputBuilder builder, Sequence sequence) {
        SequenceRequest request = sequence.request;
        builder.sample(sequence.handle, RunningSequences.row(sequence.handle), request.sampling());
        TokenHistory history = sequence.history();
        if (history != null) {
            history.pack(builder);
        }
        for (int i = 0; i < request.biasTokenIds().length; i++) {
            builder.bias(request.biasTokenIds()[i], request.biasValues()[i]);
        }
    }
}
