package dev.millrace.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fake.FakeTokenizer;
import dev.millrace.gateway.fake.RunningGateway;
import dev.millrace.gateway.fake.RunningGateway.Reply;
import dev.millrace.gateway.fake.TestServers;
import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GenerationDelta;
import dev.millrace.proto.v1.GenerationFinished;
import dev.millrace.proto.v1.GenerationStarted;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class AnswersTest {
    private final RunningGateway gateway = TestServers.GATEWAY;

    @BeforeEach
    void reset() {
        TestServers.TOKENIZER.reset();
    }

    @Test
    void a_chat_answer_has_openais_shape() {
        Reply reply = chat("\"max_tokens\":5,\"temperature\":0");
        JsonNode answer = reply.json();

        assertThat(reply.status()).isEqualTo(200);
        assertThat(answer.get("id").stringValue()).startsWith("chatcmpl-").isEqualTo(reply.header("x-request-id"));
        assertThat(answer.get("object").stringValue()).isEqualTo("chat.completion");
        assertThat(answer.get("created").isIntegralNumber()).isTrue();
        assertThat(answer.get("model").stringValue()).isEqualTo(FakeTokenizer.MODEL);
        assertThat(answer.get("choices")).hasSize(1);
        JsonNode choice = answer.at("/choices/0");
        assertThat(choice.get("index").intValue()).isZero();
        assertThat(choice.at("/message/role").stringValue()).isEqualTo("assistant");
        assertThat(choice.at("/message/content").stringValue()).isNotEmpty();
        assertThat(choice.at("/message/refusal").isNull()).isTrue();
        assertThat(choice.get("logprobs").isNull()).isTrue();
        assertThat(choice.get("finish_reason").stringValue()).isEqualTo("length");
        assertThat(answer.at("/usage/completion_tokens").intValue()).isEqualTo(5);
        assertThat(answer.at("/usage/total_tokens").intValue())
                .isEqualTo(5 + answer.at("/usage/prompt_tokens").intValue());
        assertThat(answer.at("/usage/prompt_tokens_details/cached_tokens").isIntegralNumber())
                .isTrue();
    }

    @Test
    void a_streamed_chat_says_the_same_in_chunks() {
        JsonNode whole = chat("\"max_tokens\":40,\"seed\":5").json();
        Reply reply = chat("\"max_tokens\":40,\"seed\":5,\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        List<JsonNode> chunks = reply.chunks();

        assertThat(reply.header("Content-Type")).startsWith("text/event-stream");
        assertThat(reply.events().getLast()).isEqualTo("[DONE]");
        assertThat(chunks)
                .allSatisfy(
                        chunk -> assertThat(chunk.get("object").stringValue()).isEqualTo("chat.completion.chunk"));
        assertThat(chunks)
                .extracting(chunk -> chunk.get("id"))
                .containsOnly(chunks.getFirst().get("id"));
        assertThat(chunks.getFirst().at("/choices/0/delta/role").stringValue()).isEqualTo("assistant");
        assertThat(text(chunks))
                .isEqualTo(whole.at("/choices/0/message/content").stringValue());
        assertThat(chunks.getLast().get("choices")).isEmpty();
        assertThat(chunks.getLast().get("usage")).isEqualTo(whole.get("usage"));
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allSatisfy(chunk -> assertThat(chunk.get("usage").isNull()).isTrue());
        assertThat(chunks.get(chunks.size() - 2).at("/choices/0/finish_reason").stringValue())
                .isEqualTo("length");
    }

    @Test
    void without_asking_there_is_no_usage_in_a_stream() {
        assertThat(chat("\"max_tokens\":3,\"stream\":true").text()).doesNotContain("usage");
    }

    @Test
    void every_choice_of_a_stream_ends_once() {
        List<JsonNode> chunks = chat("\"max_tokens\":4,\"n\":3,\"stream\":true").chunks();

        assertThat(chunks.stream()
                        .map(chunk -> chunk.at("/choices/0"))
                        .filter(choice -> choice.get("finish_reason").isString())
                        .map(choice -> choice.get("index").intValue()))
                .containsExactlyInAnyOrder(0, 1, 2);
    }

    @Test
    void characters_beyond_latin_arrive_whole() {
        List<JsonNode> chunks =
                chat("\"max_tokens\":400,\"seed\":3,\"stream\":true").chunks();

        assertThat(text(chunks))
                .contains("\ud83c\udf0a", "\u6d77", "\n", "\t", "\\", "\"")
                .doesNotContain("\ufffd");
    }

    @Test
    void chat_logprobs_have_exact_bytes() {
        JsonNode answer = chat("\"max_tokens\":200,\"seed\":3,\"logprobs\":true,\"top_logprobs\":4")
                .json();
        JsonNode content = answer.at("/choices/0/logprobs/content");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (JsonNode token : content) {
            token.get("bytes").forEach(unit -> bytes.write(unit.intValue()));
            assertThat(token.get("logprob").isNumber()).isTrue();
            assertThat(token.get("top_logprobs")).hasSize(4);
        }

        assertThat(content).hasSize(200);
        assertThat(answer.at("/choices/0/logprobs/refusal").isNull()).isTrue();
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .isEqualTo(answer.at("/choices/0/message/content").stringValue());
    }

    @Test
    void streamed_logprobs_are_the_same() {
        String fields = "\"max_tokens\":60,\"seed\":3,\"logprobs\":true,\"top_logprobs\":2";
        List<JsonNode> streamed = new ArrayList<>();
        for (JsonNode chunk : chat(fields + ",\"stream\":true").chunks()) {
            chunk.at("/choices/0/logprobs/content").forEach(streamed::add);
        }

        assertThat(streamed).containsExactlyElementsOf(chat(fields).json().at("/choices/0/logprobs/content"));
    }

    @Test
    void completion_logprobs_stand_side_by_side() {
        JsonNode answer = completion("\"prompt\":\"x\",\"max_tokens\":100,\"seed\":3,\"logprobs\":3")
                .json();
        JsonNode logprobs = answer.at("/choices/0/logprobs");
        String text = answer.at("/choices/0/text").stringValue();

        for (String list : List.of("tokens", "token_logprobs", "top_logprobs", "text_offset")) {
            assertThat(logprobs.get(list)).as(list).hasSize(100);
        }
        for (int i = 0; i < 100; i++) {
            String token = logprobs.get("tokens").get(i).stringValue();
            int offset = text.offsetByCodePoints(
                    0, logprobs.get("text_offset").get(i).intValue());
            assertThat(logprobs.get("top_logprobs").get(i).has(token)).isTrue();
            if (!token.contains("\ufffd")) {
                assertThat(text.substring(offset)).startsWith(token);
            }
        }
    }

    @Test
    void a_completion_has_openais_shape() {
        JsonNode answer = completion("\"prompt\":\"Once\",\"max_tokens\":8").json();

        assertThat(answer.get("id").stringValue()).startsWith("cmpl-");
        assertThat(answer.get("object").stringValue()).isEqualTo("text_completion");
        assertThat(answer.at("/choices/0/text").isString()).isTrue();
        assertThat(answer.at("/choices/0/logprobs").isNull()).isTrue();
    }

    @Test
    void a_streamed_completion_says_the_same() {
        String fields = "\"prompt\":\"Once\",\"max_tokens\":12,\"temperature\":0";
        String streamed = completion(fields + ",\"stream\":true").chunks().stream()
                .map(chunk -> chunk.at("/choices/0/text").stringValue())
                .collect(Collectors.joining());

        assertThat(streamed)
                .isEqualTo(completion(fields).json().at("/choices/0/text").stringValue());
    }

    @Test
    void several_prompts_give_choices_in_their_order_and_add_up() {
        JsonNode answer = completion("\"prompt\":[\"Once\",\"The sea\"],\"n\":2,\"seed\":9,\"max_tokens\":4")
                .json();
        JsonNode alone = completion("\"prompt\":\"The sea\",\"n\":2,\"seed\":9,\"max_tokens\":4")
                .json();

        assertThat(answer.get("choices"))
                .extracting(choice -> choice.get("index").intValue())
                .containsExactly(0, 1, 2, 3);
        assertThat(answer.at("/choices/3/text")).isEqualTo(alone.at("/choices/1/text"));
        assertThat(answer.at("/usage/completion_tokens").intValue()).isEqualTo(16);
        assertThat(TestServers.TOKENIZER.calls()).isEqualTo(3);
    }

    @Test
    void more_prompts_than_run_side_by_side_are_all_answered() {
        String prompts = "\"p\",".repeat(39) + "\"p\"";

        assertThat(completion("\"prompt\":[" + prompts + "],\"max_tokens\":2")
                        .json()
                        .get("choices"))
                .hasSize(40);
    }

    @Test
    void cached_tokens_are_what_was_there_before_the_request() {
        TestServers.TOKENIZER.script((request, events) -> FakeTokenizer.send(
                events,
                List.of(
                        event(GenerationStarted.newBuilder().setPromptTokens(50)),
                        event(finished(1).setCachedPromptTokens(48)),
                        event(finished(0).setCachedPromptTokens(16)))));

        assertThat(chat("\"n\":2").json().get("usage").toString())
                .isEqualTo("{\"prompt_tokens\":50,\"completion_tokens\":2,\"total_tokens\":52,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":16}}");
    }

    @Test
    void stop_and_length_are_told_apart() {
        TestServers.TOKENIZER.script((request, events) -> FakeTokenizer.send(
                events,
                List.of(
                        event(GenerationStarted.newBuilder().setPromptTokens(5)),
                        event(GenerationDelta.newBuilder().setText("a")),
                        event(finished(0)))));

        assertThat(chat("").json().at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
    }

    @Test
    void an_error_after_the_start_is_the_last_event() {
        TestServers.TOKENIZER.script((request, events) -> {
            events.onNext(event(GenerationStarted.newBuilder().setPromptTokens(5)));
            events.onNext(event(GenerationDelta.newBuilder().setText("a")));
            events.onError(Status.UNAVAILABLE.withDescription("lost").asRuntimeException());
        });
        Reply reply = chat("\"stream\":true");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.events()).hasSize(3);
        assertThat(reply.events().getLast()).startsWith("{\"error\":{\"message\":");
        assertThat(reply.text()).doesNotContain("[DONE]");
        assertThat(TestServers.TOKENIZER.calls()).isEqualTo(1);
    }

    @Test
    void an_answer_that_stops_short_is_an_error_event() {
        TestServers.TOKENIZER.script((request, events) -> FakeTokenizer.send(
                events, List.of(event(GenerationStarted.newBuilder().setPromptTokens(5)))));

        assertThat(chat("\"stream\":true").events().getLast()).contains("too early");
    }

    @Test
    void models_are_listed_and_found() {
        JsonNode list = gateway.get("/v1/models").json();

        assertThat(list.get("object").stringValue()).isEqualTo("list");
        assertThat(list.at("/data/0/id").stringValue()).isEqualTo(FakeTokenizer.MODEL);
        assertThat(gateway.get("/v1/models/fake/model-1").json()).isEqualTo(list.at("/data/0"));
        assertThat(gateway.get("/v1/models/fake%2Fmodel-1").json()).isEqualTo(list.at("/data/0"));
        assertThat(gateway.get("/v1/models/nope").json().at("/error/code").stringValue())
                .isEqualTo("model_not_found");
    }

    private Reply chat(String fields) {
        return gateway.post(
                "/v1/chat/completions",
                "{\"model\":\"" + FakeTokenizer.MODEL + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]"
                        + (fields.isEmpty() ? "" : "," + fields) + "}");
    }

    private Reply completion(String fields) {
        return gateway.post("/v1/completions", "{\"model\":\"" + FakeTokenizer.MODEL + "\"," + fields + "}");
    }

    private static String text(List<JsonNode> chunks) {
        return chunks.stream()
                .map(chunk -> chunk.at("/choices/0/delta/content").stringValue(""))
                .collect(Collectors.joining());
    }

    private static GenerationFinished.Builder finished(int choice) {
        return GenerationFinished.newBuilder()
                .setChoice(choice)
                .setReason(FinishReason.FINISH_REASON_STOP)
                .setCompletionTokens(1);
    }

    private static GenerateEvent event(GenerationStarted.Builder started) {
        return GenerateEvent.newBuilder().setStarted(started).build();
    }

    private static GenerateEvent event(GenerationDelta.Builder delta) {
        return GenerateEvent.newBuilder().setDelta(delta).build();
    }

    private static GenerateEvent event(GenerationFinished.Builder finished) {
        return GenerateEvent.newBuilder().setFinished(finished).build();
    }
}
