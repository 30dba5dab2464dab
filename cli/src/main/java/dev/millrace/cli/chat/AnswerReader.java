package dev.millrace.cli.chat;

import dev.millrace.cli.UserError;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Puts a streamed answer together and takes its times; made when the question is sent.
final class AnswerReader {
    private static final String END = "[DONE]";

    private final JsonMapper json;
    private final Consumer<String> onText;
    private final StringBuilder text = new StringBuilder();
    private final long sentNanos = System.nanoTime();
    private long firstNanos;
    private long lastNanos;
    private long pieces;
    private long countedTokens;

    AnswerReader(JsonMapper json, Consumer<String> onText) {
        this.json = json;
        this.onText = onText;
    }

    Answer read(ServerSentEvents events) throws IOException {
        for (@Nullable String data = events.next(); data != null; data = events.next()) {
            if (data.equals(END)) {
                return answer();
            }
            take(json.readTree(data));
        }
        throw new IOException("the stream ended before " + END);
    }

    private void take(JsonNode event) {
        JsonNode error = event.path("error");
        if (error.isObject()) {
            throw new UserError(error.path("message").asString("the server broke off without a reason"));
        }
        countedTokens = event.path("usage").path("completion_tokens").asLong(countedTokens);
        String piece =
                event.path("choices").path(0).path("delta").path("content").asString("");
        if (!piece.isEmpty()) {
            lastNanos = System.nanoTime();
            firstNanos = pieces == 0 ? lastNanos : firstNanos;
            pieces++;
            text.append(piece);
            onText.accept(piece);
        }
    }

    private Answer answer() {
        long first = pieces == 0 ? System.nanoTime() : firstNanos;
        return new Answer(
                text.toString(),
                countedTokens > 0 ? countedTokens : pieces,
                Duration.ofNanos(first - sentNanos),
                Duration.ofNanos(pieces == 0 ? 0 : lastNanos - first));
    }
}
