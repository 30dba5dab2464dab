package dev.millrace.gateway.process;

import dev.millrace.gateway.generation.RehearsalTokenizer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/// A short life of the gateway that makes the JVM load what serving needs, so that its cache holds it: a few answers of
/// each kind, on a free port, from a tokenizer-service that only plays its part.
final class TrainingRun {
    private static final int ROUNDS = 3;
    private static final int TIMEOUT_MILLIS = 10_000;

    private static final String CHAT = """
            {"model":"rehearsal","messages":[{"role":"user","content":"Hello"}],"temperature":0.5,"max_tokens":64,\
            "stop":["x"],"logprobs":true,"top_logprobs":1,"stream":%s}""";

    private static final List<String> REQUESTS = List.of(
            request("GET", "/health", ""),
            request("GET", "/ready", ""),
            request("GET", "/v1/models", ""),
            request("POST", "/v1/chat/completions", CHAT.formatted("true")),
            request("POST", "/v1/chat/completions", CHAT.formatted("false")),
            request("POST", "/v1/completions", "{\"model\":\"rehearsal\",\"prompt\":\"Hello\",\"stream\":true}"),
            request("POST", "/v1/chat/completions", "{"),
            request("GET", "/metrics", ""));

    private TrainingRun() {}

    /// Starts an application, uses it and stops it.
    ///
    /// @return the exit status
    static int perform(Class<?> application, String[] arguments) throws IOException {
        try (RehearsalTokenizer tokenizer = new RehearsalTokenizer()) {
            List<String> own = List.of(
                    "--server.port=0", "--server.address=127.0.0.1", "--millrace.tokenizer=" + tokenizer.address());
            String[] all = Stream.concat(
                            Arrays.stream(arguments)
                                    .filter(argument ->
                                            own.stream().noneMatch(replacing -> sameName(replacing, argument))),
                            own.stream())
                    .toArray(String[]::new);
            ConfigurableApplicationContext context = new SpringApplication(application).run(all);
            for (int round = 0; round < ROUNDS; round++) {
                for (String request : REQUESTS) {
                    send(request, ServerAddress.of(context).port());
                }
            }
            return SpringApplication.exit(context);
        }
    }

    private static boolean sameName(String option, String argument) {
        return argument.startsWith(option.substring(0, option.indexOf('=') + 1));
    }

    private static void send(String request, int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.startsWith("HTTP/1.1 ") || answer.startsWith("HTTP/1.1 5")) {
                throw new IOException("the training run got no answer but: " + answer);
            }
        }
    }

    private static String request(String method, String path, String body) {
        return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body;
    }
}
