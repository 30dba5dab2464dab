package dev.millrace.tokenizer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.SubmittedSequence;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ArrivalGathererTest {
    private final ArrivalGatherer gatherer = new ArrivalGatherer(5);

    private static SubmittedSequence sequence(long id, int tokens) {
        SubmittedSequence.Builder sequence = SubmittedSequence.newBuilder().setSequenceId(id);
        IntStream.range(0, tokens).forEach(i -> sequence.addTokenIds(100_000));
        return sequence.build();
    }

    @Test
    void everything_that_waits_leaves_in_one_batch_of_the_epoch() {
        gatherer.submit(sequence(1, 3));
        gatherer.submit(sequence(2, 3));
        gatherer.cancel(9);

        var batch = gatherer.next();

        assertThat(batch.getEpoch()).isEqualTo(5);
        assertThat(batch.getSubmittedList())
                .extracting(SubmittedSequence::getSequenceId)
                .containsExactly(1L, 2L);
        assertThat(batch.getCancelledList()).containsExactly(9L);
        assertThat(gatherer.isEmpty()).isTrue();
    }

    @Test
    void a_sequence_that_is_cancelled_before_it_left_is_never_mentioned() {
        gatherer.submit(sequence(1, 3));
        gatherer.cancel(1);

        assertThat(gatherer.isEmpty()).isTrue();
    }

    @Test
    void many_long_prompts_are_spread_over_batches_of_bounded_size() {
        for (int id = 0; id < 10; id++) {
            gatherer.submit(sequence(id, 100_000));
        }
        int sequences = 0;
        while (!gatherer.isEmpty()) {
            var batch = gatherer.next();
            assertThat(batch.getSerializedSize()).isLessThan(2 * ArrivalGatherer.MAXIMUM_BATCH_BYTES);
            sequences += batch.getSubmittedCount();
        }

        assertThat(sequences).isEqualTo(10);
    }
}
