package dev.millrace.tokenizer.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Templates of our own, hand-written and random, with what Python's jinja2 3.1.6 makes of them.
class Jinja2CasesTest {
    private static final JsonNode GROUPS = read();

    private static JsonNode read() {
        try (InputStream file = Jinja2CasesTest.class.getResourceAsStream("jinja2-cases.json")) {
            return Rendering.JSON.readTree(Objects.requireNonNull(file));
        } catch (IOException e) {
            return fail(e);
        }
    }

    static IntStream groups() {
        return IntStream.range(0, GROUPS.size());
    }

    @ParameterizedTest
    @MethodSource("groups")
    void renders_what_jinja2_renders_and_fails_where_it_fails(int group) {
        JsonNode variables = GROUPS.get(group).get("variables");
        List<String> differences = new ArrayList<>();
        for (JsonNode example : GROUPS.get(group).get("cases").values()) {
            String template = example.get("template").stringValue();
            String expected = example.has("output")
                    ? example.get("output").stringValue()
                    : "fails: " + example.get("error").stringValue();
            String actual;
            try {
                actual = Rendering.render(template, variables);
            } catch (TemplateException e) {
                actual = example.has("error") ? expected : "fails: " + e.getMessage();
            }
            if (!actual.equals(expected)) {
                differences.add(template + "\n  expected: " + expected + "\n  actual:   " + actual);
            }
        }
        assertThat(differences).isEmpty();
    }
}
