package dev.millrace.gateway.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A short life of the gateway that makes the JVM load what serving needs, so that its cache holds it. There is no
/// tokenizer-service: what asks for one gets an error, on the same way as an answer.
final class TrainingRun {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);
    private static final int TIMEOUT_MILLIS = 10_000;

    /// Any free port, and for the tokenizer-service the discard port of this machine, where nobody is.
    private static final List<String> OWN =
            List.of("--server.port=0", "--server.address=127.0.0.1", "--millrace.tokenizer=127.0.0.1:9");

    private static final String CHAT = """
            {"model":"none","messages":[{"role":"user","content":"Hello"}],"temperature":0.5,"max_tokens":4,\
            "stop":["x"],"stream":%s}""";

    private static final List<String> REQUESTS = List.of(
            request("GET", "/health", ""),
            request("GET", "/v1/models", ""),
            request("GET", "/ready", ""),
            request("GET", "/metrics", ""),
            request("POST", "/v1/chat/completions", CHAT.formatted("true")),
            request("POST", "/v1/chat/completions", CHAT.formatted("false")),
            request("POST", "/v1/completions", "{\"model\":\"none\",\"prompt\":\"Hello\"}"),
            request("POST", "/tokenize", "{\"content\":\"Hello\"}"),
            request("POST", "/v1/chat/completions", "{"));

    private TrainingRun() {}

    /// The arguments of a run that gets in nobody's way.
    static String[] with(String[] arguments) {
        return Stream.concat(
                        Arrays.stream(arguments)
                                .filter(argument -> OWN.stream().noneMatch(own -> sameName(own, argument))),
                        OWN.stream())
                .toArray(String[]::new);
    }

    private static boolean sameName(String own, String argument) {
        return argument.startsWith(own.substring(0, own.indexOf('=') + 1));
    }

    /// Sends one request of each kind.
    static void exercise(ServerAddress server) {
        for (String request : REQUESTS) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
                socket.getInputStream().readAllBytes();
            } catch (IOException failed) {
                LOG.warn("A training request failed", failed);
            }
        }
    }

    private static String request(String method, String path, String body) {
        return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body;
    }
}
