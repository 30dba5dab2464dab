package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.SubmittedSequence;
import java.util.Arrays;

/// The output of a sequence so far, kept for replay.
final class GeneratedTokens {
    private int[] ids = new int[16];
    private int count;

    int count() {
        return count;
    }

    void add(int id) {
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, count * 2);
        }
        ids[count++] = id;
    }

    int last() {
        return ids[count - 1];
    }

    void appendTo(SubmittedSequence.Builder submission) {
        for (int i = 0; i < count; i++) {
            submission.addTokenIds(ids[i]);
        }
        submission.setGeneratedCount(count);
    }
}
