package dev.millrace.tokenizer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.SamplingParameters;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.proto.v1.TokenLogprob;
import dev.millrace.tokenizer.support.ManualLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PipelineSessionTest implements PipelineSession.Owner {
    private final ManualLoop loop = new ManualLoop();
    private final FakeWorker worker = new FakeWorker();
    private final PipelineSession session = new PipelineSession(1, "host:1", worker, loop, new TokenClock(loop), this);
    private final FakeWorker.Stream stream = worker.last();
    private final List<String> lost = new ArrayList<>();

    @Override
    public void lost(String reason) {
        lost.add(reason);
    }

    @Override
    public void refusedAgain(Sequence sequence, RefusalReason reason, String message) {
        lost.add("refused again");
    }

    private static SubmittedSequence order(boolean logprobs) {
        return SubmittedSequence.newBuilder()
                .addTokenIds(1)
                .addTokenIds(2)
                .setMaxTokens(10)
                .setSampling(SamplingParameters.newBuilder().setLogprobs(logprobs))
                .build();
    }

    private Sequence submit(RecordingListener listener, boolean logprobs) {
        Sequence sequence = new Sequence(order(logprobs), listener, true);
        session.submit(sequence);
        return sequence;
    }

    @Test
    void sequences_that_come_together_leave_together_under_ids_of_their_own() {
        submit(new RecordingListener(), false);
        submit(new RecordingListener(), false);
        loop.run();

        assertThat(stream.batches).hasSize(1);
        assertThat(stream.submitted())
                .extracting(SubmittedSequence::getSequenceId)
                .containsExactly(1L, 2L);
    }

    @Test
    void arrivals_gather_while_the_stream_is_not_writable() {
        stream.writable = false;
        for (int i = 0; i < 5; i++) {
            submit(new RecordingListener(), false);
            loop.run();
        }
        assertThat(stream.batches).isEmpty();

        stream.becomeWritable();

        assertThat(stream.batches).hasSize(1);
        assertThat(stream.submitted()).hasSize(5);
    }

    @Test
    void a_report_reaches_its_sequences() {
        RecordingListener first = new RecordingListener();
        RecordingListener second = new RecordingListener();
        submit(first, false);
        submit(second, false);
        loop.run();

        stream.accept(1);
        stream.refuse(2, RefusalReason.REFUSAL_REASON_QUEUE_FULL, "full");
        stream.token(1, 0, 70);
        stream.token(1, 1, 71);
        stream.finish(1, FinishReason.FINISH_REASON_LENGTH, 2);

        assertThat(first.told).containsExactly("accepted", "0:70", "1:71", "LENGTH cached 2");
        assertThat(second.told).containsExactly("refused full");
    }

    @Test
    void a_cancelled_sequence_hears_nothing_and_its_cancel_leaves_with_the_next_batch() {
        RecordingListener listener = new RecordingListener();
        Sequence sequence = submit(listener, false);
        loop.run();
        session.cancel(sequence);
        session.cancel(sequence);
        loop.run();

        stream.token(1, 0, 70);

        assertThat(stream.cancelled()).containsExactly(1L);
        assertThat(listener.told).isEmpty();
    }

    @Test
    void log_probabilities_go_to_the_sequences_that_asked_also_beside_cancelled_ones() {
        RecordingListener plain = new RecordingListener();
        RecordingListener gone = new RecordingListener();
        RecordingListener asking = new RecordingListener();
        submit(plain, false);
        Sequence cancelled = submit(gone, true);
        submit(asking, true);
        loop.run();
        session.cancel(cancelled);

        stream.report(report -> report.addTokenSequenceIds(1)
                .addTokenIndexes(0)
                .addTokenIds(70)
                .addTokenSequenceIds(2)
                .addTokenIndexes(0)
                .addTokenIds(71)
                .addTokenSequenceIds(3)
                .addTokenIndexes(0)
                .addTokenIds(72)
                .addLogprobs(TokenLogprob.newBuilder().setLogprob(-2))
                .addLogprobs(TokenLogprob.newBuilder().setLogprob(-3)));

        assertThat(plain.told).containsExactly("0:70");
        assertThat(gone.told).isEmpty();
        assertThat(asking.told).containsExactly("0:72@-3.0");
        assertThat(lost).isEmpty();
    }

    @Test
    void a_stream_that_breaks_the_contract_is_given_up() {
        submit(new RecordingListener(), true);
        loop.run();

        stream.token(1, 0, 70);

        assertThat(lost).containsExactly("stage 0 left out log probabilities");
        assertThat(stream.closed).isTrue();
    }

    @Test
    void a_skipped_token_is_noticed() {
        submit(new RecordingListener(), false);
        loop.run();

        stream.token(1, 1, 70);

        assertThat(lost).hasSize(1).first().asString().contains("skipped");
    }

    @Test
    void a_report_of_another_epoch_ends_the_stream() {
        submit(new RecordingListener(), false);
        loop.run();

        stream.report(report -> report.setEpoch(2));

        assertThat(lost).hasSize(1).first().asString().contains("epoch 2");
    }
}
