package dev.millrace.worker.schedule;

import dev.millrace.worker.step.StepInputBuilder;

/// Packs what the scheduler decided: a sequence's next tokens and, after the last known one, the wish for a sample.
final class StepPacker {

    private StepPacker() {}

    /// Adds the next `count` tokens of the sequence; its table has blocks for them.
    static void add(StepInputBuilder builder, Sequence sequence, int count) {
        int place = RunningSequences.row(sequence.handle);
        boolean ahead = sequence.computed + count > sequence.length();
        builder.sequence(sequence.tokens(), sequence.computed, count, sequence.table.blocks(), ahead ? place : -1);
        sequence.computed += count;
        if (sequence.behind() == 0) {
            addSample(builder, sequence, place, ahead);
            sequence.decoding = true;
            sequence.pending++;
        }
    }

    private static void addSample(StepInputBuilder builder, Sequence sequence, int place, boolean ahead) {
        SequenceRequest request = sequence.request;
        builder.sample(sequence.handle, place, request.sampling());
        TokenHistory history = sequence.history();
        if (history != null && ahead) {
            history.packAhead(builder, sequence.tokens(), sequence.length());
        } else if (history != null) {
            history.pack(builder);
        }
        for (int i = 0; i < request.biasTokenIds().length; i++) {
            builder.bias(request.biasTokenIds()[i], request.biasValues()[i]);
        }
    }
}
