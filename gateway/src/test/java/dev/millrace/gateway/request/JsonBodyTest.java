package dev.millrace.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.error.ApiException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {
    @Test
    void reads_an_object() {
        assertThat(parse(" {\"a\":\"\u6d77\"} ").get("a").stringValue()).isEqualTo("\u6d77");
    }

    @Test
    void skips_a_byte_order_mark() {
        assertThat(parse("\ufeff{\"a\":1}").get("a").intValue()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[",
                "{",
                "{\"a\":}",
                "{} {}",
                "{}x",
                "[]",
                "[1]",
                "1",
                "\"x\"",
                "null",
                "{'a':1}",
                "NaN"
            })
    void refuses_what_is_no_single_object(String body) {
        assertThatThrownBy(() -> parse(body))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        refused -> assertThat(refused.error().status().value()).isEqualTo(400));
    }

    @Test
    void says_where_the_mistake_is() {
        assertThatThrownBy(() -> parse("{\n  \"a\": tru\n}"))
                .hasMessageContaining("line 2")
                .hasMessageContaining("not valid JSON");
    }

    @Test
    void refuses_bytes_that_are_no_utf_8() {
        byte[] broken = {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':', '1', '}'};
        byte[] encodedSurrogate = {'{', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', ':', '1', '}'};
        byte[] overlong = {'{', '"', (byte) 0xc0, (byte) 0xaf, '"', ':', '1', '}'};
        for (byte[] body : new byte[][] {broken, encodedSurrogate, overlong}) {
            assertThatThrownBy(() -> JsonBody.parse(body)).hasMessage("the body is not valid UTF-8");
        }
    }

    @Test
    void refuses_deep_nesting_before_it_costs_anything() {
        assertThatThrownBy(() -> parse("{\"a\":" + "[".repeat(50_000))).hasMessageContaining("not valid JSON");
        assertThatThrownBy(() -> parse("{\"a\":".repeat(50_000))).hasMessageContaining("not valid JSON");
    }

    private static tools.jackson.databind.node.ObjectNode parse(String body) {
        return JsonBody.parse(body.getBytes(StandardCharsets.UTF_8));
    }
}
