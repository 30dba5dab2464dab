package dev.millrace.gateway.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fake.RunningGateway;
import dev.millrace.gateway.fake.TestServers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextEndpointsTest {
    private final RunningGateway gateway = TestServers.GATEWAY;

    @BeforeEach
    void reset() {
        TestServers.TOKENIZER.reset();
    }

    @Test
    void text_becomes_ids() {
        assertThat(gateway.post("/tokenize", "{\"content\":\"ab\"}").text()).isEqualTo("{\"tokens\":[97,98]}");
        assertThat(gateway.post("/tokenize", "{\"content\":\"\"}").text()).isEqualTo("{\"tokens\":[]}");
        assertThat(gateway.post("/tokenize", "{\"content\":\"a\",\"add_special\":true}")
                        .text())
                .isEqualTo("{\"tokens\":[1000,97]}");
    }

    @Test
    void pieces_are_text_or_bytes() {
        assertThat(gateway.post("/tokenize", "{\"content\":\"a\u00e9\",\"with_pieces\":true}")
                        .text())
                .isEqualTo("{\"tokens\":[{\"id\":97,\"piece\":\"a\"},{\"id\":195,\"piece\":[195]},"
                        + "{\"id\":169,\"piece\":[169]}]}");
    }

    @Test
    void ids_become_text() {
        assertThat(gateway.post("/detokenize", "{\"tokens\":[104,105,10]}").text())
                .isEqualTo("{\"content\":\"hi\\n\"}");
    }

    @Test
    void a_conversation_becomes_a_prompt() {
        String prompt = gateway.post(
                        "/apply-template",
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"enable_thinking\":false}")
                .json()
                .get("prompt")
                .stringValue();

        assertThat(prompt)
                .isEqualTo("fake/model-1|[{\"role\":\"user\",\"content\":\"x\"}]||true|{\"enable_thinking\":false}");
    }

    @Test
    void a_model_may_be_named() {
        assertThat(gateway.post(
                                "/apply-template",
                                "{\"model\":\"other\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")
                        .json()
                        .get("prompt")
                        .stringValue())
                .startsWith("other|");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/tokenize | {} | content",
                "/tokenize | {\"content\":5} | content",
                "/tokenize | {\"content\":\"x\",\"add_special\":1} | add_special",
                "/detokenize | {} | tokens",
                "/detokenize | {\"tokens\":\"x\"} | tokens",
                "/detokenize | {\"tokens\":[1,\"x\"]} | tokens[1]",
                "/apply-template | {} | messages"
            })
    void a_wrong_field_is_named(String path, String body, String parameter) {
        var reply = gateway.post(path, body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/error/param").stringValue()).isEqualTo(parameter);
    }
}
