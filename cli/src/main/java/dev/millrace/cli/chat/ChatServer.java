package dev.millrace.cli.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.cli.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A running server, spoken to as any OpenAI client does. Whatever it refuses, and its absence, is a [UserError].
final class ChatServer implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final JsonMapper json = new JsonMapper();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    private final URI server;

    ChatServer(URI server) {
        this.server = server;
    }

    /// The id of the first model that is served.
    String firstModel() throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(path("/v1/models")).build();
        try (InputStream body = send(request)) {
            String id = json.readTree(body).path("data").path(0).path("id").asString("");
            if (id.isEmpty()) {
                throw new UserError(server + " serves no model");
            }
            return id;
        } catch (IOException | JacksonException failure) {
            throw new UserError(server + " does not answer as an OpenAI server does: " + failure.getMessage());
        }
    }

    /// Asks for the next answer and hands its text on in pieces, as they come.
    Answer answer(ChatSettings settings, List<Message> conversation, Consumer<String> onText)
            throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(path("/v1/chat/completions"))
                .header("Content-Type", "application/json")
                .header("Accept", "text/event-stream")
                .POST(BodyPublishers.ofString(body(settings, conversation)))
                .build();
        AnswerReader reader = new AnswerReader(json, onText);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(send(request), UTF_8))) {
            return reader.read(new ServerSentEvents(lines));
        } catch (IOException broken) {
            throw new UserError("the connection to %s broke within the answer".formatted(server));
        } catch (JacksonException notJson) {
            throw new UserError(server + " sent something that is not JSON: " + notJson.getOriginalMessage());
        }
    }

    private String body(ChatSettings settings, List<Message> conversation) {
        ObjectNode body = json.createObjectNode()
                .put("model", settings.model())
                .put("stream", true)
                .set("stream_options", json.createObjectNode().put("include_usage", true));
        if (settings.temperature() != null) {
            body.put("temperature", settings.temperature());
        }
        if (settings.maxTokens() != null) {
            body.put("max_tokens", settings.maxTokens());
        }
        ArrayNode messages = body.putArray("messages");
        conversation.forEach(
                message -> messages.addObject().put("role", message.role()).put("content", message.content()));
        return json.writeValueAsString(body);
    }

    private InputStream send(HttpRequest request) throws InterruptedException {
        try {
            HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
            if (response.statusCode() == 200) {
                return response.body();
            }
            try (InputStream body = response.body()) {
                throw new UserError(refusal(response.statusCode(), body.readAllBytes()));
            }
        } catch (ConnectException | HttpConnectTimeoutException nobody) {
            throw new UserError("no server answers at %s; start one with ./millrace serve, or name another with --url"
                    .formatted(server));
        } catch (IOException failure) {
            throw new UserError("the server at %s closed the connection: %s".formatted(server, failure.getMessage()));
        }
    }

    private String refusal(int status, byte[] body) {
        @Nullable String message = null;
        try {
            message = json.readTree(body)
                    .path("error")
                    .path("message")
                    .asStringOpt()
                    .orElse(null);
        } catch (JacksonException notJson) {
            message = null;
        }
        return message == null ? "the server answers with HTTP status " + status : message;
    }

    private URI path(String path) {
        String base = server.toString();
        return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
