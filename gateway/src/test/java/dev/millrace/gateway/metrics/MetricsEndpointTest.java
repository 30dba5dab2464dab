package dev.millrace.gateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fake.Eventually;
import dev.millrace.gateway.fake.FakeTokenizer;
import dev.millrace.gateway.fake.RunningGateway;
import dev.millrace.gateway.fake.RunningGateway.Reply;
import dev.millrace.proto.v1.GetStatusResponse;
import dev.millrace.proto.v1.PipelineStatus;
import dev.millrace.proto.v1.StageStatistics;
import dev.millrace.proto.v1.StageStatus;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsEndpointTest {
    private static final Pattern SERIES =
            Pattern.compile("([a-zA-Z_:][\\w:]*(?:\\{(?:[a-zA-Z_]\\w*=\"(?:[^\"\\\\\\n]|\\\\.)*\",?)*})?) (\\S+)");

    private FakeTokenizer tokenizer;
    private RunningGateway gateway;

    @BeforeEach
    void start() throws IOException {
        tokenizer = new FakeTokenizer(0);
        gateway = RunningGateway.start(tokenizer.address());
    }

    @AfterEach
    void stop() {
        gateway.close();
        tokenizer.close();
    }

    @Test
    void requests_and_tokens_are_counted() throws InterruptedException {
        String body = "{\"model\":\"" + FakeTokenizer.MODEL
                + "\",\"max_tokens\":7,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true}";
        Reply reply = gateway.post("/v1/chat/completions", body);
        gateway.post("/v1/chat/completions", "{");
        gateway.get("/no/such/route");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(gateway.metric("millrace_requests_total{route=\"/v1/chat/completions\",status=\"200\"}"))
                .isEqualTo(1);
        assertThat(gateway.metric("millrace_requests_total{route=\"/v1/chat/completions\",status=\"400\"}"))
                .isEqualTo(1);
        assertThat(gateway.metric("millrace_requests_total{route=\"other\",status=\"404\"}"))
                .isEqualTo(1);
        assertThat(gateway.metric("millrace_tokens_total{kind=\"completion\"}")).isEqualTo(7);
        assertThat(gateway.metric("millrace_tokens_total{kind=\"prompt\"}")).isPositive();
        assertThat(gateway.metric("millrace_ttft_seconds_count")).isEqualTo(1);
        assertThat(gateway.metric("millrace_inter_token_seconds_count")).isPositive();
        assertThat(gateway.get("/metrics").text()).contains("millrace_ttft_seconds_bucket{le=\"0.1\"}");
        Eventually.holds("nothing is in flight", () -> gateway.metric("millrace_requests_in_flight") == 0);
    }

    @Test
    void the_pipelines_figures_are_shown() {
        tokenizer.status(GetStatusResponse.newBuilder()
                .setReady(true)
                .addPipelines(PipelineStatus.newBuilder()
                        .addStages(StageStatus.newBuilder()
                                .setStage(0)
                                .setStatistics(StageStatistics.newBuilder()
                                        .setSteps(10)
                                        .setTokens(99)
                                        .putKvBlocks("free", 7)
                                        .putPhaseSeconds("compute", 1.5)
                                        .putTransferBytes("handover_out", 4096)
                                        .setRunningSequences(3)
                                        .setWaitingSequences(2)
                                        .setPreemptions(1)
                                        .setPrefixHitTokens(64)))
                        .addStages(StageStatus.newBuilder()
                                .setStage(1)
                                .setStatistics(StageStatistics.newBuilder().putPhaseSeconds("compute", 2.5))))
                .addPipelines(PipelineStatus.newBuilder()
                        .addStages(StageStatus.newBuilder()
                                .setStage(0)
                                .setStatistics(StageStatistics.newBuilder()
                                        .putKvBlocks("free", 5)
                                        .setRunningSequences(1))))
                .build());

        assertThat(gateway.metric("millrace_ready")).isEqualTo(1);
        assertThat(gateway.metric("millrace_kv_blocks{stage=\"0\",state=\"free\"}"))
                .isEqualTo(12);
        assertThat(gateway.metric("millrace_stage_seconds_total{phase=\"compute\",stage=\"0\"}"))
                .isEqualTo(1.5);
        assertThat(gateway.metric("millrace_stage_seconds_total{phase=\"compute\",stage=\"1\"}"))
                .isEqualTo(2.5);
        assertThat(gateway.metric("millrace_transfer_bytes_total{direction=\"handover_out\",stage=\"0\"}"))
                .isEqualTo(4096);
        assertThat(gateway.metric("millrace_running_sequences")).isEqualTo(4);
        assertThat(gateway.metric("millrace_waiting_sequences")).isEqualTo(2);
        assertThat(gateway.metric("millrace_preemptions_total")).isEqualTo(1);
        assertThat(gateway.metric("millrace_prefix_hit_tokens_total")).isEqualTo(64);
        assertThat(gateway.metric("millrace_stage_steps_total{stage=\"0\"}")).isEqualTo(10);
    }

    @Test
    void pipelines_that_are_slow_to_answer_keep_their_last_figures() throws InterruptedException {
        assertThat(gateway.metric("millrace_ready")).isEqualTo(1);
        tokenizer.holdStatus();
        // Longer than an answer counts as fresh.
        Thread.sleep(1100);

        assertThat(gateway.metric("millrace_ready")).isEqualTo(1);
    }

    @Test
    void without_a_tokenizer_service_the_own_figures_remain() {
        tokenizer.close();

        assertThat(gateway.metric("millrace_requests_in_flight")).isZero();
        assertThat(gateway.metric("millrace_ready")).isZero();
    }

    @Test
    void the_text_is_prometheus_text() {
        Reply reply = gateway.get("/metrics");
        Set<String> seen = new HashSet<>();

        assertThat(reply.header("Content-Type")).startsWith("text/plain");
        assertThat(reply.text()).endsWith("\n");
        reply.text().lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            Matcher series = SERIES.matcher(line);
            assertThat(series.matches()).as(line).isTrue();
            assertThat(seen.add(series.group(1))).as(line).isTrue();
        });
    }
}
