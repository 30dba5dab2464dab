package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ComposeContainer;

/// Builds the images and runs the cluster of `docker-compose.yml`; skipped where no Docker engine answers.
class ComposeClusterTest {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private static ComposeContainer cluster;
    private static String url;

    @BeforeAll
    static void starts_the_cluster() throws IOException {
        assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                "no Docker engine answers: the compose cluster is not tested");
        int port = freePort();
        url = "http://127.0.0.1:" + port;
        cluster = new ComposeContainer("millrace-test", composeFile())
                .withEnv("PORT", String.valueOf(port))
                .withBuild(true)
                .withPull(false)
                .withOptions("--progress=plain")
                .withStartupTimeout(Duration.ofMinutes(10));
        cluster.start();
    }

    @AfterAll
    static void stops_the_cluster() {
        if (cluster != null) {
            cluster.stop();
        }
    }

    @Test
    void answers_a_streamed_chat_through_two_stages() throws Exception {
        awaitReady();
        HttpResponse<String> answer = post("/v1/chat/completions", """
                {"model": "millrace-guide-q8_0", "messages": [{"role": "user", "content": "What is Millrace?"}],
                 "stream": true, "temperature": 0}
                """);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"content\":").endsWith("data: [DONE]\n\n");

        HttpResponse<String> metrics = get("/metrics");
        assertThat(metrics.body())
                .contains("millrace_tokens_total")
                .containsPattern("millrace_stage_seconds_total\\{[^}]*stage=\"1\"");
    }

    private static void awaitReady() throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (System.nanoTime() < deadline) {
            try {
                if (get("/ready").statusCode() == 200) {
                    return;
                }
            } catch (IOException notListeningYet) {
                // The gateway's container is still starting.
            }
            Thread.sleep(500);
        }
        throw new AssertionError("the cluster was not ready after 3 minutes");
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .timeout(Duration.ofSeconds(60))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /// Tests run in the folder of their module.
    private static File composeFile() {
        return Path.of("..", "docker-compose.yml").toAbsolutePath().normalize().toFile();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
