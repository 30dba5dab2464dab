package dev.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/// `millrace serve` with the demo model in a process of its own, from its start to its end.
final class ServedModel implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Pattern READY = Pattern.compile("ready after .*: listening on (\\S+)");
    private static final String DATA = "data: ";

    private final StringBuffer log = new StringBuffer();
    private final CompletableFuture<String> url = new CompletableFuture<>();
    private final Process process;

    private ServedModel(Process process) {
        this.process = process;
        Thread.ofPlatform().daemon().start(this::readLog);
    }

    /// Starts it and waits until it serves.
    static ServedModel start(Path root, Map<String, String> environment, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dmillrace.root=" + root,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.millrace.cli.MillraceMain",
                "serve",
                "--port=0",
                "--ctx=256",
                "--parallel=2",
                "--weight-cache=off"));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        ServedModel served = new ServedModel(builder.start());
        try {
            served.url.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return served;
        } catch (ExecutionException | TimeoutException notReady) {
            served.close();
            throw new AssertionError("serve did not get ready:\n" + served.log, notReady);
        }
    }

    private void readLog() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.append(line).append('\n');
                Matcher ready = READY.matcher(line);
                if (ready.find()) {
                    url.complete(ready.group(1));
                }
            }
            url.completeExceptionally(new IOException("serve ended"));
        } catch (IOException closed) {
            url.completeExceptionally(closed);
        }
    }

    /// What it has printed so far.
    String log() {
        return log.toString();
    }

    /// The text that the model finds most likely, streamed, of so many tokens at the most.
    String answer(String question, int tokens) throws IOException, InterruptedException {
        String body = """
                {"model": "millrace-guide-q8_0", "messages": [{"role": "user", "content": "%s"}],
                 "stream": true, "temperature": 0, "max_tokens": %d}
                """.formatted(question, tokens);
        HttpResponse<String> response;
        try (HttpClient http = HttpClient.newHttpClient()) {
            response = http.send(
                    HttpRequest.newBuilder(URI.create(url.join() + "/v1/chat/completions"))
                            .timeout(PATIENCE)
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
        }
        if (response.statusCode() != 200 || !response.body().endsWith("data: [DONE]\n\n")) {
            throw new AssertionError("no answer: " + response.body() + "\n" + log);
        }
        StringBuilder text = new StringBuilder();
        response.body()
                .lines()
                .filter(line -> line.startsWith(DATA + "{"))
                .map(line -> JsonMapper.shared().readTree(line.substring(DATA.length())))
                .forEach(event ->
                        text.append(event.at("/choices/0/delta/content").asString("")));
        return text.toString();
    }

    /// Ends it as a signal does.
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(Duration.ofSeconds(30))) {
            process.destroyForcibly();
            throw new AssertionError("serve did not end:\n" + log);
        }
    }
}
