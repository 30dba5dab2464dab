package dev.millrace.tokenizer.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Templates of real models against renderings by Python's jinja2, byte for byte, without exception. Where llama.cpp's
/// cases and Python disagree (its lists can be appended to; it passes additional_special_tokens), Python is right.
class RealTemplatesTest {
    private final List<String> differences = new ArrayList<>();
    private int compared;

    private static Path folder() {
        Path repository = Path.of("").toAbsolutePath();
        while (repository.getParent() != null && !Files.isRegularFile(repository.resolve("models/goldens.json"))) {
            repository = repository.getParent();
        }
        Path folder = repository.resolveSibling("shared").resolve("data").resolve("templates");
        assumeTrue(Files.isDirectory(folder), "shared/data is not there: templates is missing");
        return folder;
    }

    private static JsonNode read(String name) throws IOException {
        return Rendering.JSON.readTree(Files.readString(folder().resolve(name)));
    }

    @Test
    void templates_render_their_goldens() throws IOException {
        JsonNode goldens = read("template-goldens.json");
        for (JsonNode golden : goldens.get("goldens").values()) {
            String file = golden.get("file").stringValue();
            String conversation = golden.get("case").stringValue();
            compare(
                    file + " " + conversation,
                    Files.readString(folder().resolve(file)),
                    goldens.get("conversations").get(conversation),
                    "<s>",
                    "</s>",
                    golden.get("output"));
        }
        assertThat(differences).isEmpty();
        assertThat(compared).isEqualTo(126);
    }

    @Test
    void chat_cases_render_as_expected() throws IOException {
        for (JsonNode example : read("chat-cases.json").values()) {
            compare(
                    example.get("name").stringValue(),
                    example.get("template").stringValue(),
                    example,
                    example.get("bos_token").stringValue(),
                    example.get("eos_token").stringValue(),
                    expected(example, "expected_jinja"));
        }
        assertThat(differences).isEmpty();
        assertThat(compared).isEqualTo(24);
    }

    @Test
    void small_cases_render_as_expected() throws IOException {
        for (JsonNode example : read("jinja-cases.json").values()) {
            String name = example.get("name").stringValue();
            check(
                    name,
                    expected(example, "expected"),
                    rendered(() -> Rendering.render(example.get("template").stringValue(), example.get("vars"))));
        }
        assertThat(differences).isEmpty();
        assertThat(compared).isEqualTo(179);
    }

    /// What Python makes of a case; null for an error.
    private static @Nullable JsonNode expected(JsonNode example, String otherwise) {
        JsonNode python = example.get("python_jinja2");
        return python.has("same") ? example.get(otherwise) : python.get("output");
    }

    private void compare(
            String name,
            String template,
            JsonNode conversation,
            String bosToken,
            String eosToken,
            @Nullable JsonNode expected) {
        Map<String, JsonNode> variables = new HashMap<>();
        if (conversation.has("enable_thinking")) {
            variables.put("enable_thinking", conversation.get("enable_thinking"));
        }
        TemplateInput input = TemplateInput.of(conversation.get("messages"))
                .withTools(conversation.get("tools"))
                .withGenerationPrompt(conversation.get("add_generation_prompt").booleanValue())
                .withVariables(variables)
                .withTokens(bosToken, eosToken)
                .withClock(Rendering.CLOCK);
        check(
                name,
                expected,
                rendered(() -> ChatTemplate.compile(template).render(input).text()));
    }

    private interface Renderer {
        String render();
    }

    private static @Nullable String rendered(Renderer renderer) {
        try {
            return renderer.render();
        } catch (TemplateException e) {
            return null;
        }
    }

    private void check(String name, @Nullable JsonNode expected, @Nullable String actual) {
        compared++;
        String wanted = expected == null ? null : expected.stringValue();
        if (wanted == null ? actual != null : !wanted.equals(actual)) {
            differences.add(name + "\n  expected: " + wanted + "\n  actual:   " + actual);
        }
    }
}
