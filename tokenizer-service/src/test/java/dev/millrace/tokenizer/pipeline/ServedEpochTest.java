package dev.millrace.tokenizer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.tokenizer.support.ManualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServedEpochTest implements PipelineHost.Listener {
    private final ManualLoop loop = new ManualLoop();
    private final FakeWorker worker = new FakeWorker();
    private final PipelineRouter router = new PipelineRouter(loop);
    private final TokenClock clock = new TokenClock(loop);
    private final EpochOpening opening = new EpochOpening(loop, worker, clock, CanaryOrder.of(7));
    private final PipelineKeeper keeper = new PipelineKeeper(opening, router);
    private final List<String> told = new ArrayList<>();

    @Override
    public void serving() {
        told.add("serving");
    }

    @Override
    public void lost(String reason) {
        told.add("lost: " + reason);
    }

    private void serve(long epoch) {
        keeper.serve(epoch, "host:1", this);
        loop.run();
    }

    @Test
    void an_epoch_serves_once_a_token_came_out() {
        serve(1);
        SubmittedSequence canary = worker.last().lastSubmitted();
        assertThat(canary.getTokenIdsList()).containsExactly(7);
        assertThat(canary.getMaxTokens()).isEqualTo(1);
        assertThat(router.available()).isFalse();

        worker.last().answerCanary();

        assertThat(router.available()).isTrue();
        assertThat(told).containsExactly("serving");
        assertThat(clock.age()).contains(Duration.ZERO);
    }

    @Test
    void a_stream_that_cannot_be_opened_is_tried_again_with_growing_pauses_and_then_given_up() {
        serve(1);
        worker.last().lose("UNAVAILABLE");
        assertThat(worker.streams).hasSize(1);
        loop.advance(Duration.ofMillis(100));
        assertThat(worker.streams).hasSize(2);
        worker.last().lose("UNAVAILABLE");
        loop.advance(Duration.ofMillis(300));
        assertThat(worker.streams).hasSize(3);
        worker.last().lose("UNAVAILABLE, nobody listens");

        assertThat(told).containsExactly("lost: stage 0 at host:1: UNAVAILABLE, nobody listens");
        loop.advance(Duration.ofMinutes(1));
        assertThat(worker.streams).hasSize(3);
    }

    @Test
    void a_canary_that_does_not_come_out_counts_as_failure() {
        serve(1);
        loop.advance(EpochOpening.FIRST_TOKEN);
        assertThat(worker.streams.getFirst().closed).isTrue();
        loop.advance(Duration.ofMillis(100));

        assertThat(worker.streams).hasSize(2);
    }

    @Test
    void a_stream_that_breaks_is_opened_again_in_the_same_epoch() {
        serve(1);
        worker.last().answerCanary();
        RecordingListener listener = new RecordingListener();
        router.submit(
                SubmittedSequence.newBuilder().addTokenIds(1).setMaxTokens(3).build(), listener);
        loop.run();
        worker.last().lose("connection reset");
        assertThat(router.available()).isFalse();
        loop.run();
        worker.last().answerCanary();
        loop.run();

        assertThat(worker.streams).hasSize(2);
        assertThat(worker.last().lastSubmitted().getTokenIdsList()).containsExactly(1);
        assertThat(told).containsExactly("serving", "serving");
        assertThat(listener.told).isEmpty();
    }

    @Test
    void a_replaced_epoch_is_silent() {
        serve(1);
        FakeWorker.Stream first = worker.last();
        serve(2);
        first.lose("too late");
        loop.advance(Duration.ofMinutes(2));
        assertThat(first.closed).isTrue();

        assertThat(told).allMatch(word -> word.startsWith("lost: stage 0 at host:1: no token"));
    }

    @Test
    void a_worker_that_keeps_failing_is_left_alone_for_a_moment() {
        for (int epoch = 1; epoch <= 2; epoch++) {
            serve(epoch);
            for (int attempt = 0; attempt < 3; attempt++) {
                worker.last().lose("UNAVAILABLE");
                loop.advance(Duration.ofSeconds(1));
            }
        }
        int streams = worker.streams.size();
        serve(3);
        loop.advance(Duration.ofSeconds(1));

        assertThat(worker.streams).hasSize(streams);
        assertThat(told.getLast()).contains("CircuitBreaker");
    }

    @Test
    void an_idle_pipeline_is_probed_once_for_all_who_ask() {
        PipelineProbe probe = new PipelineProbe(opening, router, clock);
        List<String> answers = new ArrayList<>();
        probe.refresh(() -> answers.add("no pipeline"));
        serve(1);
        worker.last().answerCanary();
        probe.refresh(() -> answers.add("fresh"));
        loop.advance(Duration.ofSeconds(11));
        probe.refresh(() -> answers.add("probed"));
        probe.refresh(() -> answers.add("probed, too"));
        loop.run();
        assertThat(answers).containsExactly("no pipeline", "fresh");
        assertThat(worker.last().submitted()).hasSize(2);

        worker.last().answerCanary();

        assertThat(answers).containsExactly("no pipeline", "fresh", "probed", "probed, too");
        assertThat(clock.age()).contains(Duration.ZERO);
    }

    @Test
    void a_probe_that_does_not_come_out_answers_after_its_deadline() {
        PipelineProbe probe = new PipelineProbe(opening, router, clock);
        List<String> answers = new ArrayList<>();
        serve(1);
        worker.last().answerCanary();
        loop.advance(Duration.ofSeconds(11));
        probe.refresh(() -> answers.add("probed"));
        loop.advance(PipelineProbe.DEADLINE);

        assertThat(answers).containsExactly("probed");
        assertThat(clock.age()).contains(Duration.ofSeconds(13));
        assertThat(worker.last().cancelled()).containsExactly(2L);
    }
}
