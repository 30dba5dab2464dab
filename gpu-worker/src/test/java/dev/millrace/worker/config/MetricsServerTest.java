package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.engine.EngineStatistics;
import dev.millrace.worker.ledger.Direction;
import dev.millrace.worker.ledger.StepLedger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class MetricsServerTest {

    /// Gauges hold what they read weakly.
    private final EngineStatistics statistics = new EngineStatistics();

    @Test
    void figures_have_the_names_that_people_know() throws Exception {
        StepLedger ledger = new StepLedger();
        ledger.step(5);
        ledger.transfer(Direction.HANDOVER_OUT, 1024);
        try (MetricsServer server = new MetricsServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), new WorkerMetrics(ledger, statistics))) {
            String metrics = get(server, "/metrics").body();
            assertThat(metrics)
                    .contains("\nmillrace_stage_seconds_total{phase=\"compute\"} 0.0")
                    .contains("\nmillrace_stage_seconds_total{phase=\"wait_neighbour\"}")
                    .contains("\nmillrace_transfer_bytes_total{direction=\"handover_out\"} 1024.0")
                    .contains("\nmillrace_transfers_total{direction=\"handover_out\"} 1.0")
                    .contains("\nmillrace_kv_blocks{state=\"free\"} 0.0")
                    .contains("\nmillrace_steps_total 1.0")
                    .contains("\nmillrace_stage_tokens_total 5.0")
                    .contains("\njvm_memory_used_bytes")
                    .contains("\njvm_threads_live_threads")
                    .contains("\nprocess_uptime_seconds");
            assertThat(get(server, "/health").body()).isEqualTo("ok\n");
            assertThat(get(server, "/health/more").statusCode()).isEqualTo(404);
            assertThat(get(server, "/").statusCode()).isEqualTo(404);
        }
    }

    private static HttpResponse<String> get(MetricsServer server, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
