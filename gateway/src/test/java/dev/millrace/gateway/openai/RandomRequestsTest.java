package dev.millrace.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.error.ApiException;
import dev.millrace.gateway.request.JsonBody;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RandomRequestsTest {
    private static final String REQUEST = """
            {"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text",\
            "text":"t"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":\
            {"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"12"}],"prompt":["a",[1,2]],\
            "max_tokens":5,"temperature":0.5,"top_p":0.5,"top_k":5,"min_p":0.1,"stop":["x"],"seed":7,"n":2,\
            "logit_bias":{"5":1},"stream":true,"stream_options":{"include_usage":true},"tools":[{"type":"function",\
            "function":{"name":"f","parameters":{}}}],"tool_choice":"auto","response_format":{"type":"text"},\
            "chat_template_kwargs":{"a":1},"enable_thinking":true,"modalities":["text"],"echo":false}""";

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "0",
            "-1",
            "1.5",
            "1e999",
            "99999999999999999999",
            "\"\"",
            "\"x\"",
            "\"\\ud800\"",
            "[]",
            "[[]]",
            "[null]",
            "{}",
            "{\"type\":5}",
            "{\"x\":{}}");

    @Test
    void whatever_the_fields_hold_a_request_is_read_or_refused_with_400() {
        SplittableRandom random = new SplittableRandom(20260921);
        int refused = 0;
        for (int round = 0; round < 5_000; round++) {
            byte[] body = mutate(random).getBytes(StandardCharsets.UTF_8);
            refused += read(() -> ChatRequestReader.read(JsonBody.parse(body)));
            refused += read(() -> CompletionRequestReader.read(JsonBody.parse(body)));
        }
        assertThat(refused).isBetween(2_500, 9_800);
    }

    private static int read(Runnable reading) {
        try {
            reading.run();
            return 0;
        } catch (ApiException refusal) {
            assertThat(refusal.error().status().value()).isEqualTo(400);
            assertThat(refusal.error().message()).hasSizeLessThan(500);
            return 1;
        }
    }

    /// Replaces the value behind a random colon or comma, or breaks the text at a random place.
    private static String mutate(SplittableRandom random) {
        StringBuilder body = new StringBuilder(REQUEST);
        for (int change = random.nextInt(2); change >= 0; change--) {
            int at = random.nextInt(body.length());
            int colon = body.indexOf(":", at);
            if (colon < 0 || random.nextInt(20) == 0) {
                body.deleteCharAt(at);
                continue;
            }
            int end = colon + 1;
            while (end < body.length() && ",}]".indexOf(body.charAt(end)) < 0) {
                end++;
            }
            body.replace(colon + 1, end, VALUES.get(random.nextInt(VALUES.size())));
        }
        return body.toString();
    }
}
