package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fake.FakeTokenizer;
import dev.millrace.gateway.fake.RunningGateway;
import dev.millrace.gateway.fake.RunningGateway.Reply;
import dev.millrace.gateway.fake.TestServers;
import dev.millrace.proto.v1.GenerationError;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ErrorAnswersTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
    private static final String GOOD = "{\"model\":\"" + FakeTokenizer.MODEL + "\"," + MESSAGES + "}";

    private final RunningGateway gateway = TestServers.GATEWAY;

    @BeforeEach
    void reset() {
        TestServers.TOKENIZER.reset();
    }

    @Test
    void an_unknown_model_is_404() {
        Reply reply = gateway.post(CHAT, GOOD.replace(FakeTokenizer.MODEL, "no-such-model"));

        assertError(reply, 404);
        assertThat(reply.json().at("/error/code").stringValue()).isEqualTo("model_not_found");
        assertThat(reply.json().at("/error/param").stringValue()).isEqualTo("model");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_prompt_beyond_the_context_is_400_before_any_stream_starts(boolean streamed) {
        Reply reply = gateway.post(
                CHAT,
                "{\"model\":\"" + FakeTokenizer.MODEL + "\",\"stream\":" + streamed
                        + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + "word ".repeat(20_000) + "\"}]}");

        assertError(reply, 400);
        assertThat(reply.json().at("/error/code").stringValue()).isEqualTo("context_length_exceeded");
        assertThat(reply.json().at("/error/message").stringValue()).contains("4096");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"model\": \"x\", \"messages\": [", "", "[]", "\"x\"", "{\"model\":\"m\"}"})
    void a_body_that_is_no_request_is_400(String body) {
        assertError(gateway.post(CHAT, body), 400);
    }

    @Test
    void a_body_that_is_no_utf_8_is_400() {
        byte[] body = {'{', '"', 'm', 'o', 'd', 'e', 'l', '"', ':', '"', (byte) 0xff, (byte) 0xfe, '"', '}'};

        assertError(post("application/json", HttpRequest.BodyPublishers.ofByteArray(body)), 400);
    }

    @Test
    void a_deeply_nested_body_is_400() {
        assertError(gateway.post(CHAT, "[".repeat(50_000) + "]".repeat(50_000)), 400);
    }

    @Test
    void a_large_body_is_413_and_the_next_request_is_answered() {
        Reply reply = gateway.post(CHAT, "{\"x\":\"" + "x".repeat(1024 * 1024) + "\"}");

        assertError(reply, 413);
        assertThat(gateway.get("/health").status()).isEqualTo(200);
    }

    @Test
    void a_large_body_of_unknown_length_is_413() {
        byte[] body = ("{\"x\":\"" + "x".repeat(2 * 1024 * 1024) + "\"}").getBytes(StandardCharsets.UTF_8);

        assertError(
                post(
                        "application/json",
                        HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))),
                413);
    }

    @ParameterizedTest
    @CsvSource({
        "application/json, 200",
        "application/json; charset=utf-8, 200",
        "application/vnd.api+json, 200",
        "text/plain, 415",
        "application/x-www-form-urlencoded, 415"
    })
    void the_content_type_must_be_json(String contentType, int status) {
        assertThat(post(contentType, HttpRequest.BodyPublishers.ofString(GOOD)).status())
                .isEqualTo(status);
    }

    @Test
    void a_missing_content_type_is_forgiven() {
        assertThat(gateway.send(gateway.request(CHAT).POST(HttpRequest.BodyPublishers.ofString(GOOD)))
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/no/such/route", "/", "/v1", "/v1/chat/completions/", "/favicon.ico"})
    void an_unknown_route_is_404(String path) {
        assertError(gateway.get(path), 404);
        assertError(gateway.post(path, "{}"), 404);
    }

    @Test
    void a_wrong_method_is_405_and_says_which_one_is_right() {
        Reply reply = gateway.get(CHAT);

        assertError(reply, 405);
        assertThat(reply.header("Allow")).isEqualTo("POST");
        assertError(gateway.post("/v1/models", "{}"), 405);
        assertError(gateway.send(gateway.request("/metrics").DELETE()), 405);
    }

    @Test
    void a_full_queue_is_429_with_retry_after() {
        fail(Status.RESOURCE_EXHAUSTED, "queue_full", 3);

        Reply reply = gateway.post(CHAT, GOOD);

        assertError(reply, 429);
        assertThat(reply.header("Retry-After")).isEqualTo("3");
        assertThat(reply.json().at("/error/code").stringValue()).isEqualTo("queue_full");
    }

    @Test
    void no_pipeline_is_503_with_retry_after_and_is_not_tried_again() {
        fail(Status.UNAVAILABLE, "no_pipeline", 2);

        Reply reply = gateway.post(CHAT, GOOD);

        assertError(reply, 503);
        assertThat(reply.header("Retry-After")).isEqualTo("2");
        assertThat(reply.json().at("/error/code").stringValue()).isEqualTo("no_pipeline");
        assertThat(TestServers.TOKENIZER.calls()).isEqualTo(1);
    }

    @Test
    void what_breaks_inside_is_500_without_a_trace() {
        TestServers.TOKENIZER.script((request, events) -> {
            throw new IllegalStateException("secret");
        });

        Reply reply = gateway.post(CHAT, GOOD);

        assertError(reply, 500);
        assertThat(reply.text()).doesNotContain("secret");
    }

    @Test
    void an_answer_that_ends_too_early_is_500() {
        TestServers.TOKENIZER.script((request, events) ->
                FakeTokenizer.send(events, FakeTokenizer.eventsOf(request, 3).subList(0, 4)));

        assertError(gateway.post(CHAT, GOOD), 500);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"model\":\"fake/model-1\"} | 400",
                "{\"model\":\"fake/model-1\",\"input\":{\"a\":1}} | 400",
                "{\"input\":\"x\"} | 400",
                "{\"model\":\"fake/model-1\",\"input\":\"x\"} | 400",
                "{\"model\":\"nope\",\"input\":\"x\"} | 404"
            })
    void embeddings_are_refused_politely(String body, int status) {
        assertError(gateway.post("/v1/embeddings", body), status);
    }

    private void fail(Status status, String code, int retryAfterSeconds) {
        TestServers.TOKENIZER.script((request, events) -> events.onError(FakeTokenizer.failure(
                status.withDescription("not now"),
                GenerationError.newBuilder()
                        .setCode(code)
                        .setRetryAfterSeconds(retryAfterSeconds)
                        .build())));
    }

    private Reply post(String contentType, HttpRequest.BodyPublisher body) {
        return gateway.send(
                gateway.request(CHAT).header("Content-Type", contentType).POST(body));
    }

    private static void assertError(Reply reply, int status) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        JsonNode error = reply.json().get("error");
        assertThat(error.get("message").stringValue()).hasSizeGreaterThan(3);
        assertThat(error.get("type").isString()).isTrue();
        assertThat(error.has("param")).isTrue();
        assertThat(error.has("code")).isTrue();
        assertThat(reply.text()).doesNotContain(".java:").doesNotContain("Exception");
    }
}
