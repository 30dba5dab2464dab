package dev.millrace.tokenizer.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.AssignStage;
import dev.millrace.proto.v1.KvType;
import dev.millrace.proto.v1.StagePhase;
import dev.millrace.tokenizer.support.ManualLoop;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WorkerRosterTest {
    private static final long START_MILLIS = 1_000_000;

    private final ManualLoop loop = new ManualLoop();
    private final RecordingHost host = new RecordingHost();
    private final WorkerRoster roster =
            new WorkerRoster(Workers.SHAPE, loop, host, InstantSource.fixed(Instant.ofEpochMilli(START_MILLIS)));
    private final Workers workers = new Workers(roster);

    @BeforeEach
    void start() {
        roster.start();
    }

    /// Two workers that serve, `a` in front.
    private Workers.FakeStream[] serve() {
        Workers.FakeStream a = workers.register("a");
        Workers.FakeStream b = workers.register("b");
        a.ready();
        b.ready();
        host.serving();
        return new Workers.FakeStream[] {a, b};
    }

    @Test
    void stages_are_ordered_when_enough_workers_are_there() {
        Workers.FakeStream a = workers.register("a");
        assertThat(a.orders).isEmpty();
        assertThat(roster.view().reason()).isEqualTo("1 of 2 workers are registered.");

        Workers.FakeStream b = workers.register("b");

        assertThat(a.assignment())
                .isEqualTo(AssignStage.newBuilder()
                        .setEpoch(START_MILLIS)
                        .setStage(0)
                        .setStageCount(2)
                        .setFirstLayer(0)
                        .setLayerCount(2)
                        .setNextAddress("b:7000")
                        .setFirstAddress("a:7000")
                        .setContextLength(100)
                        .setMaxSequences(8)
                        .setKvBlocks(64)
                        .setKvType(KvType.KV_TYPE_Q8_0)
                        .setBatchTokens(512)
                        .setMaxWaiting(64)
                        .setPrefixCache(true)
                        .setPrefillChunkTokens(256)
                        .build());
        assertThat(b.assignment().getStage()).isEqualTo(1);
        assertThat(b.assignment().getFirstLayer()).isEqualTo(2);
        assertThat(b.assignment().getNextAddress()).isEmpty();
        assertThat(b.assignment().getFirstAddress()).isEqualTo("a:7000");
        assertThat(roster.view().reason()).isEqualTo("0 of 2 stages are ready.");
    }

    @Test
    void stages_go_to_new_workers_in_the_order_of_their_ids() {
        Workers.FakeStream tenth = workers.register("worker-10");
        Workers.FakeStream ninth = workers.register("worker-9");

        assertThat(ninth.assignment().getStage()).isZero();
        assertThat(tenth.assignment().getStage()).isEqualTo(1);
    }

    @Test
    void loading_is_told_in_the_workers_words() {
        Workers.FakeStream a = workers.register("a");
        Workers.FakeStream b = workers.register("b");
        a.ready();
        b.tell(StagePhase.STAGE_PHASE_LOADING, "1 of 2 layers");

        assertThat(roster.view().reason()).isEqualTo("1 of 2 stages are ready; b: 1 of 2 layers.");
    }

    @Test
    void the_pipeline_is_opened_when_every_stage_is_ready() {
        Workers.FakeStream a = workers.register("a");
        Workers.FakeStream b = workers.register("b");
        b.ready();
        b.ready();
        assertThat(host.told).isEmpty();
        a.ready();
        assertThat(host.told).containsExactly("serve a:7000");
        assertThat(roster.view().reason()).contains("first token");
        host.serving();

        assertThat(roster.view().reason()).isEmpty();
        assertThat(roster.view().stages())
                .extracting(PlacementView.Stage::workerId)
                .containsExactly("a", "b");
    }

    @Test
    void a_spare_worker_takes_the_place_of_a_lost_one_and_the_others_keep_their_stages() {
        Workers.FakeStream[] serving = serve();
        Workers.FakeStream spare = workers.register("spare");
        assertThat(spare.orders).isEmpty();

        serving[0].disconnect();

        assertThat(host.told).endsWith("withdraw");
        assertThat(spare.assignment().getStage()).isZero();
        assertThat(serving[1].assignment().getStage()).isEqualTo(1);
        assertThat(serving[1].assignment().getEpoch()).isGreaterThan(START_MILLIS);
        assertThat(serving[1].assignment().getFirstAddress()).isEqualTo("spare:7000");
    }

    @Test
    void without_a_spare_the_rest_is_released_until_the_worker_comes_back() {
        Workers.FakeStream[] serving = serve();
        serving[1].disconnect();
        assertThat(serving[0].isIdle()).isTrue();
        assertThat(roster.view().reason())
                .startsWith("1 of 2 workers are registered.")
                .contains("worker b (stage 1) is lost");

        Workers.FakeStream again = workers.register("b");

        assertThat(serving[0].assignment().getStage()).isZero();
        assertThat(again.assignment().getStage()).isEqualTo(1);
    }

    @Test
    void a_worker_that_registers_anew_replaces_its_older_stream() {
        Workers.FakeStream[] serving = serve();
        Workers.FakeStream again = workers.register("a");
        assertThat(serving[0].closed().getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(again.assignment().getEpoch()).isEqualTo(START_MILLIS + 1);
        long epoch = again.assignment().getEpoch();
        serving[0].disconnect();
        assertThat(again.assignment().getEpoch())
                .as("the older stream is no loss")
                .isEqualTo(epoch);
        assertThat(roster.view().workers()).isEqualTo(2);
    }

    @Test
    void another_model_file_is_refused_with_both_digests() {
        Workers.FakeStream stranger = workers.register(Workers.hello("x").setModelDigest("other"));

        assertThat(stranger.worker).isNull();
        assertThat(stranger.closed().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(stranger.closed().getDescription()).contains("other").contains("abc");
    }

    @Test
    void another_protocol_version_a_missing_id_and_a_broken_address_are_refused() {
        assertThat(workers.register(Workers.hello("x").setProtocolVersion(2))
                        .closed()
                        .getDescription())
                .contains("version 2")
                .contains("version 1");
        assertThat(workers.register(Workers.hello(" ")).closed().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        for (String address : new String[] {"", "host", ":80", "host:", "host:0", "host:70000", "host:x"}) {
            assertThat(workers.register(Workers.hello("x").setAddress(address)).isOpen())
                    .as(address)
                    .isFalse();
        }
    }

    @Test
    void a_silent_worker_is_lost_after_fifteen_seconds() {
        Workers.FakeStream[] serving = serve();
        for (int second = 0; second < 17; second++) {
            serving[1].sign();
            loop.advance(Duration.ofSeconds(1));
        }
        assertThat(serving[0].closed().getDescription()).contains("15 seconds");
        assertThat(serving[1].isOpen()).isTrue();
        assertThat(serving[1].isIdle()).isTrue();
        assertThat(host.told).endsWith("withdraw");
    }

    @Test
    void a_failed_stage_is_tried_again_with_growing_pauses_and_its_reason_is_kept() {
        Workers.FakeStream a = workers.register("a");
        Workers.FakeStream b = workers.register("b");
        b.tell(StagePhase.STAGE_PHASE_FAILED, "needs 9 GiB, has 4 GiB");
        assertThat(a.isIdle()).isTrue();
        assertThat(roster.view().reason()).contains("worker b (stage 1)").contains("needs 9 GiB, has 4 GiB");

        loop.advance(Duration.ofMillis(100));
        assertThat(b.assignment().getEpoch()).isEqualTo(START_MILLIS + 1);
        b.tell(StagePhase.STAGE_PHASE_FAILED, "needs 9 GiB, has 4 GiB");
        loop.advance(Duration.ofMillis(199));
        assertThat(b.isIdle()).isTrue();
        loop.advance(Duration.ofMillis(1));
        assertThat(b.assignment().getEpoch()).isEqualTo(START_MILLIS + 2);
    }

    @Test
    void a_spare_is_preferred_to_a_worker_that_failed() {
        Workers.FakeStream a = workers.register("a");
        Workers.FakeStream b = workers.register("b");
        Workers.FakeStream spare = workers.register("spare");
        b.tell(StagePhase.STAGE_PHASE_FAILED, "too small");
        loop.advance(Duration.ofSeconds(1));

        assertThat(a.assignment().getStage()).isZero();
        assertThat(spare.assignment().getStage()).isEqualTo(1);
        assertThat(b.isIdle()).isTrue();
    }

    @Test
    void a_new_worker_ends_the_pause() {
        workers.register("a");
        Workers.FakeStream b = workers.register("b");
        for (int i = 0; i < 5; i++) {
            b.tell(StagePhase.STAGE_PHASE_FAILED, "too small");
            loop.advance(Duration.ofSeconds(i));
        }
        b.tell(StagePhase.STAGE_PHASE_FAILED, "too small");

        Workers.FakeStream c = workers.register("c");

        assertThat(c.isIdle()).isFalse();
    }

    @Test
    void a_lost_link_leads_to_a_new_epoch() {
        Workers.FakeStream[] serving = serve();
        serving[0].tell(StagePhase.STAGE_PHASE_LINK_LOST, "connection reset");
        serving[1].tell(StagePhase.STAGE_PHASE_LINK_LOST, "connection reset");
        loop.advance(Duration.ofMillis(100));

        assertThat(serving[0].assignment().getEpoch()).isEqualTo(START_MILLIS + 1);
        assertThat(host.told).containsExactly("serve a:7000", "withdraw");
    }

    @Test
    void a_lost_stream_to_stage_0_leads_to_a_new_epoch() {
        Workers.FakeStream[] serving = serve();
        host.lose("the stream broke");
        loop.advance(Duration.ofMillis(100));

        assertThat(serving[0].assignment().getEpoch()).isEqualTo(START_MILLIS + 1);
    }

    @Test
    void words_about_an_older_epoch_are_ignored() {
        Workers.FakeStream[] serving = serve();
        serving[0].tell(START_MILLIS - 1, StagePhase.STAGE_PHASE_FAILED, "long ago");

        assertThat(roster.view().reason()).isEmpty();
    }
}
