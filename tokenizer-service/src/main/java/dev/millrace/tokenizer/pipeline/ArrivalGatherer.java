package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.SubmittedSequence;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// What waits for the stream to be writable: arrivals and cancels, in order, each sequence at most once.
final class ArrivalGatherer {
    /// Keeps a batch well below gRPC's default limit of 4 MiB a message; a single sequence may be larger.
    static final int MAXIMUM_BATCH_BYTES = 1 << 20;

    private final long epoch;
    private final Map<Long, SubmittedSequence> submitted = new LinkedHashMap<>();
    private final Set<Long> cancelled = new LinkedHashSet<>();

    ArrivalGatherer(long epoch) {
        this.epoch = epoch;
    }

    boolean isEmpty() {
        return submitted.isEmpty() && cancelled.isEmpty();
    }

    void submit(SubmittedSequence sequence) {
        submitted.put(sequence.getSequenceId(), sequence);
    }

    /// A sequence that was not sent yet is forgotten, without a word to the worker.
    void cancel(long sequenceId) {
        if (submitted.remove(sequenceId) == null) {
            cancelled.add(sequenceId);
        }
    }

    /// Takes the next batch out; all cancels go first because they free blocks.
    ArrivalBatch next() {
        ArrivalBatch.Builder batch = ArrivalBatch.newBuilder().setEpoch(epoch).addAllCancelled(cancelled);
        cancelled.clear();
        int bytes = 0;
        var waiting = submitted.values().iterator();
        while (waiting.hasNext()) {
            SubmittedSequence sequence = waiting.next();
            bytes += sequence.getSerializedSize();
            if (batch.getSubmittedCount() > 0 && bytes > MAXIMUM_BATCH_BYTES) {
                break;
            }
            batch.addSubmitted(sequence);
            waiting.remove();
        }
        return batch.build();
    }
}
