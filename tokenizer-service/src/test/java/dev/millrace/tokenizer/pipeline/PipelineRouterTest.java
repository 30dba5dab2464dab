package dev.millrace.tokenizer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.tokenizer.support.ManualLoop;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PipelineRouterTest {
    private final ManualLoop loop = new ManualLoop();
    private final FakeWorker worker = new FakeWorker();
    private final TokenClock clock = new TokenClock(loop);
    private final PipelineRouter router = new PipelineRouter(loop);
    private final PipelineKeeper keeper =
            new PipelineKeeper(new EpochOpening(loop, worker, clock, CanaryOrder.of(7)), router);
    private final RecordingListener listener = new RecordingListener();

    private final PipelineHost.Listener host = new PipelineHost.Listener() {
        @Override
        public void serving() {}

        @Override
        public void lost(String reason) {}
    };

    private static final SubmittedSequence ORDER = SubmittedSequence.newBuilder()
            .addTokenIds(1)
            .addTokenIds(2)
            .setMaxTokens(4)
            .addEndTokenIds(99)
            .build();

    private FakeWorker.Stream serve(long epoch) {
        keeper.serve(epoch, "host:1", host);
        loop.run();
        worker.last().answerCanary();
        loop.run();
        return worker.last();
    }

    private RunningSequence submit() {
        RunningSequence sequence = router.submit(ORDER, listener);
        loop.run();
        return sequence;
    }

    @Test
    void a_sequence_continues_in_the_next_epoch_where_it_stopped() {
        FakeWorker.Stream first = serve(1);
        submit();
        long id = first.lastSubmitted().getSequenceId();
        first.accept(id);
        first.token(id, 0, 50);
        first.token(id, 1, 51);
        keeper.withdraw("a worker is lost");
        first.token(id, 2, 52);
        FakeWorker.Stream second = serve(2);

        SubmittedSequence again = second.lastSubmitted();
        assertThat(again.getTokenIdsList()).containsExactly(1, 2, 50, 51);
        assertThat(again.getGeneratedCount()).isEqualTo(2);
        assertThat(again.getMaxTokens()).isEqualTo(4);
        assertThat(second.batches.getLast().getEpoch()).isEqualTo(2);

        second.accept(again.getSequenceId());
        second.token(again.getSequenceId(), 1, 51);
        second.token(again.getSequenceId(), 2, 52);
        second.token(again.getSequenceId(), 3, 53);
        second.finish(again.getSequenceId(), FinishReason.FINISH_REASON_LENGTH, 4);
        assertThat(listener.told).containsExactly("accepted", "0:50", "1:51", "2:52", "3:53", "LENGTH cached 2");
    }

    @Test
    void a_sequence_that_had_all_its_tokens_is_finished_without_another_pipeline_step() {
        FakeWorker.Stream first = serve(1);
        submit();
        long id = first.lastSubmitted().getSequenceId();
        first.token(id, 0, 50);
        first.token(id, 1, 99);
        keeper.withdraw("lost");
        FakeWorker.Stream second = serve(2);

        assertThat(second.submitted()).as("the canary alone").hasSize(1);
        assertThat(listener.told).containsExactly("0:50", "1:99", "STOP cached 0");
    }

    @Test
    void a_sequence_waits_half_a_minute_for_another_pipeline_and_no_longer() {
        serve(1);
        submit();
        keeper.withdraw("lost");

        loop.advance(Duration.ofSeconds(29));
        assertThat(listener.told).isEmpty();
        loop.advance(Duration.ofSeconds(1));
        assertThat(listener.told).containsExactly("lost");
    }

    @Test
    void pipelines_that_come_and_go_do_not_prolong_the_wait_without_a_token() {
        serve(1);
        submit();
        keeper.withdraw("lost");
        loop.advance(Duration.ofSeconds(20));
        serve(2);
        keeper.withdraw("lost again");
        loop.advance(Duration.ofSeconds(10));

        assertThat(listener.told).containsExactly("lost");
    }

    @Test
    void a_sequence_that_moved_on_in_time_is_not_given_up_later() {
        serve(1);
        submit();
        keeper.withdraw("lost");
        loop.advance(Duration.ofSeconds(20));
        serve(2);
        loop.advance(Duration.ofSeconds(60));

        assertThat(listener.told).isEmpty();
    }

    @Test
    void a_sequence_that_is_cancelled_while_it_waits_is_not_sent_again() {
        serve(1);
        RunningSequence sequence = submit();
        keeper.withdraw("lost");
        sequence.cancel();
        FakeWorker.Stream second = serve(2);
        loop.advance(Duration.ofSeconds(60));

        assertThat(second.submitted()).hasSize(1);
        assertThat(listener.told).isEmpty();
    }

    @Test
    void a_cancel_of_a_sequence_that_ended_in_an_earlier_epoch_does_not_hit_another_of_the_same_id() {
        FakeWorker.Stream first = serve(1);
        RunningSequence ended = submit();
        long id = first.lastSubmitted().getSequenceId();
        first.finish(id, FinishReason.FINISH_REASON_LENGTH, 0);
        keeper.withdraw("lost");
        FakeWorker.Stream second = serve(2);
        RecordingListener other = new RecordingListener();
        router.submit(ORDER, other);
        loop.run();
        assertThat(second.lastSubmitted().getSequenceId()).isEqualTo(id);

        ended.cancel();
        loop.run();
        second.token(id, 0, 50);

        assertThat(second.cancelled()).isEmpty();
        assertThat(other.told).containsExactly("0:50");
    }

    @Test
    void a_full_queue_after_a_replay_is_tried_again_a_moment_later() {
        FakeWorker.Stream first = serve(1);
        submit();
        first.accept(first.lastSubmitted().getSequenceId());
        keeper.withdraw("lost");
        FakeWorker.Stream second = serve(2);
        long id = second.lastSubmitted().getSequenceId();
        second.refuse(id, RefusalReason.REFUSAL_REASON_QUEUE_FULL, "full");
        loop.advance(PipelineRouter.QUEUE_FULL_PAUSE);

        assertThat(second.lastSubmitted().getSequenceId()).isGreaterThan(id);
        assertThat(listener.told).containsExactly("accepted");
    }

    @Test
    void a_new_sequence_that_finds_the_queue_full_is_refused() {
        FakeWorker.Stream first = serve(1);
        submit();
        first.refuse(first.lastSubmitted().getSequenceId(), RefusalReason.REFUSAL_REASON_QUEUE_FULL, "full");

        assertThat(listener.told).containsExactly("refused full");
    }

    @Test
    void without_a_pipeline_nothing_can_be_submitted() {
        assertThat(router.available()).isFalse();
        assertThatThrownBy(() -> router.submit(ORDER, listener)).isInstanceOf(IllegalStateException.class);
    }
}
