package dev.millrace.cli.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.cli.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConversationTest {
    private static final String HELLO = """
            data: {"choices":[{"delta":{"role":"assistant","content":""}}]}

            : heartbeat

            data: {"choices":[{"delta":{"content":"Hel"}}]}

            data: {"choices":[{"delta":{"content":"lo ü"}}]}

            data: {"choices":[{"delta":{},"finish_reason":"stop"}]}

            data: {"choices":[],"usage":{"completion_tokens":3}}

            data: [DONE]

            """;

    private final Deque<Reply> replies = new ArrayDeque<>();
    private final List<String> requests = new ArrayList<>();
    private final StringWriter output = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @SuppressWarnings("NullAway.Init") // set before each test
    private HttpServer stub;

    @SuppressWarnings("NullAway.Init") // set before each test
    private URI url;

    private record Reply(int status, String body) {}

    @BeforeEach
    void start() throws IOException {
        stub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        stub.createContext("/", this::answer);
        stub.start();
        url = URI.create("http://127.0.0.1:" + stub.getAddress().getPort() + "/");
    }

    @AfterEach
    void stop() {
        stub.stop(0);
    }

    @Test
    void an_answer_is_streamed_and_its_times_are_shown() throws Exception {
        replies.add(new Reply(200, HELLO));

        assertThat(hold("hi\n", "")).isTrue();

        assertThat(output.toString()).startsWith("Hello ü").containsPattern("\\[3 tokens, .*TTFT \\d+\\.\\d\\d s]");
        assertThat(requests.getFirst())
                .contains("\"model\":\"demo\"")
                .contains("\"stream\":true")
                .contains("\"include_usage\":true")
                .contains("\"temperature\":0.5")
                .contains("\"max_tokens\":7")
                .contains("{\"role\":\"user\",\"content\":\"hi\"}");
    }

    @Test
    void the_conversation_so_far_goes_with_each_question() throws Exception {
        replies.add(new Reply(200, HELLO));
        replies.add(new Reply(200, HELLO));

        hold("one\n\ntwo\n", "be kind");

        assertThat(requests).hasSize(2);
        assertThat(requests.getLast())
                .contains("[{\"role\":\"system\",\"content\":\"be kind\"},{\"role\":\"user\",\"content\":\"one\"},"
                        + "{\"role\":\"assistant\",\"content\":\"Hello ü\"},{\"role\":\"user\",\"content\":\"two\"}]");
    }

    @Test
    void a_refusal_is_shown_in_the_servers_words_and_the_question_taken_back() throws Exception {
        replies.add(new Reply(400, "{\"error\":{\"message\":\"the prompt is too long\"}}"));
        replies.add(new Reply(200, HELLO));

        assertThat(hold("long\nshort\n", "")).isTrue();

        assertThat(errors.toString()).isEqualToNormalizingNewlines("error: the prompt is too long\n");
        assertThat(requests.getLast()).doesNotContain("long\"}");
    }

    @Test
    void an_error_within_the_stream_is_shown() throws Exception {
        replies.add(new Reply(200, "data: {\"error\":{\"message\":\"no pipeline\"}}\n\n"));

        assertThat(hold("hi\n", "")).isFalse();
        assertThat(errors.toString()).contains("error: no pipeline");
    }

    @Test
    void a_stream_that_breaks_off_is_an_error() throws Exception {
        replies.add(new Reply(200, "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n"));

        assertThat(hold("hi\n", "")).isFalse();
        assertThat(errors.toString()).contains("broke within the answer");
    }

    @Test
    void a_status_without_words_is_named() throws Exception {
        replies.add(new Reply(503, "sorry"));

        hold("hi\n", "");

        assertThat(errors.toString()).contains("error: the server answers with HTTP status 503");
    }

    @Test
    void what_a_model_writes_cannot_steer_the_terminal() throws Exception {
        replies.add(new Reply(
                200, "data: {\"choices\":[{\"delta\":{\"content\":\"a\\u001b[2Jb\\n\"}}]}\n\ndata: [DONE]\n\n"));

        hold("hi\n", "");

        assertThat(output.toString()).startsWith("a[2Jb");
    }

    @Test
    void the_first_model_is_the_default() throws Exception {
        replies.add(new Reply(200, "{\"data\":[{\"id\":\"first\"},{\"id\":\"second\"}]}"));
        try (ChatServer server = new ChatServer(url)) {
            assertThat(server.firstModel()).isEqualTo("first");
        }
    }

    @Test
    void no_server_is_said_in_one_line() {
        stub.stop(0);
        try (ChatServer server = new ChatServer(url)) {
            assertThatThrownBy(server::firstModel)
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith("no server answers at " + url);
        }
    }

    @Test
    void what_is_no_model_server_is_said_in_one_line() {
        replies.add(new Reply(200, "<html>"));
        try (ChatServer server = new ChatServer(url)) {
            assertThatThrownBy(server::firstModel)
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("does not answer as an OpenAI server does");
        }
    }

    private boolean hold(String questions, String system) throws IOException, InterruptedException {
        try (ChatServer server = new ChatServer(url)) {
            Conversation conversation = new Conversation(
                    server,
                    new ChatSettings(url, "demo", 0.5, 7),
                    new PrintWriter(output),
                    new PrintWriter(errors),
                    "");
            if (!system.isEmpty()) {
                conversation.system(system);
            }
            return conversation.hold(new BufferedReader(new StringReader(questions)));
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        Reply reply = replies.remove();
        byte[] body = reply.body.getBytes(UTF_8);
        exchange.sendResponseHeaders(reply.status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
