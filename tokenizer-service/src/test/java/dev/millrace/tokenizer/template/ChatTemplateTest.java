package dev.millrace.tokenizer.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gguf.GgufFile;
import dev.millrace.tokenizer.support.DemoModel;
import dev.millrace.tokenizer.vocabulary.TextSegment;
import dev.millrace.tokenizer.vocabulary.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ChatTemplateTest {
    private static final JsonNode MESSAGES = Rendering.JSON.readTree("[{\"role\": \"user\", \"content\": \"Hello\"}]");

    private static Optional<ChatTemplate> load(Path path) throws IOException {
        try (GgufFile file = GgufFile.open(path)) {
            return ChatTemplate.from(file.metadata());
        }
    }

    @Test
    void the_demo_models_prompts_have_the_ids_of_their_goldens() throws IOException {
        Path model = DemoModel.path();
        ChatTemplate template = load(model).orElseThrow();
        JsonNode goldens = Rendering.JSON.readTree(Files.readString(model.resolveSibling("goldens.json")));
        try (GgufFile file = GgufFile.open(model)) {
            Tokenizer tokenizer = Tokenizer.from(file.metadata());
            for (JsonNode conversation : goldens.get("conversations").values()) {
                RenderedPrompt prompt = template.render(TemplateInput.of(conversation.get("messages")));
                List<TextSegment> parts = prompt.segments().stream()
                        .map(segment -> new TextSegment(segment.text(), segment.trusted()))
                        .toList();
                int[] expected = conversation.get("prompt_ids").values().stream()
                        .flatMapToInt(id -> IntStream.of(id.intValue()))
                        .toArray();
                assertThat(tokenizer.encode(parts, false))
                        .as(conversation.get("id").stringValue())
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void a_model_can_have_no_template(@TempDir Path folder) throws IOException {
        assertThat(load(TemplateModelFile.write(folder.resolve("a.gguf"), Map.of("general.name", "a"))))
                .isEmpty();
    }

    @Test
    void tools_choose_the_variant_for_tools(@TempDir Path folder) throws IOException {
        Path file = TemplateModelFile.write(
                folder.resolve("a.gguf"),
                Map.of("tokenizer.chat_template", "plain", "tokenizer.chat_template.tool_use", "tools"));
        ChatTemplate template = load(file).orElseThrow();
        TemplateInput input = TemplateInput.of(MESSAGES);
        assertThat(template.render(input).text()).isEqualTo("plain");
        assertThat(template.render(input.withTools(Rendering.JSON.readTree("[]")))
                        .text())
                .isEqualTo("plain");
        assertThat(template.render(input.withTools(Rendering.JSON.readTree("[{}]")))
                        .text())
                .isEqualTo("tools");
    }

    @Test
    void a_broken_template_is_found_when_the_model_is_loaded(@TempDir Path folder) throws IOException {
        Path file = TemplateModelFile.write(folder.resolve("a.gguf"), Map.of("tokenizer.chat_template", "a\n{% if %}"));
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("line 2");
    }

    @Test
    void input_has_the_names_that_templates_use() {
        ChatTemplate template = ChatTemplate.compile("{{ messages|length }}{{ tools is defined }}{{ bos_token }}"
                + "{{ eos_token }}{{ add_generation_prompt }}{{ thinking }}{{ strftime_now('%d %b %Y') }}");
        TemplateInput input = TemplateInput.of(MESSAGES)
                .withClock(Rendering.CLOCK)
                .withTokens("<s>", "</s>")
                .withGenerationPrompt(false)
                .withVariables(Map.of("thinking", Rendering.JSON.readTree("false")));
        assertThat(template.render(input).text()).isEqualTo("1False<s></s>FalseFalse02 Jan 2026");
    }

    @Test
    void many_threads_can_render_at_once() {
        ChatTemplate template =
                ChatTemplate.compile("{% macro m(x) %}{% for c in x %}{{ loop.index }}{{ c }}{% endfor %}{% endmacro %}"
                        + "{% for m_ in messages %}{{ m(m_.content) }}{% endfor %}");
        List<String> prompts = IntStream.range(0, 200)
                .parallel()
                .mapToObj(i -> template.render(TemplateInput.of(MESSAGES)).text())
                .distinct()
                .toList();
        assertThat(prompts).containsExactly("1H2e3l4l5o");
    }
}
