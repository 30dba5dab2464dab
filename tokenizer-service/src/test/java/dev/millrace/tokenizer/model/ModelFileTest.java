package dev.millrace.tokenizer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.tokenizer.support.DemoModel;
import dev.millrace.tokenizer.text.TokenDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
    private static ServedModel demo() {
        return ModelFile.load(DemoModel.path(), "", 0, 99);
    }

    @Test
    void the_demo_model_has_its_numbers() {
        ServedModel model = demo();

        assertThat(model.id()).isEqualTo("millrace-guide-q8_0");
        assertThat(model.createdSeconds()).isEqualTo(99);
        assertThat(model.layers()).isEqualTo(4);
        assertThat(model.contextLength()).isEqualTo(1024);
        assertThat(model.digest()).matches("[0-9a-f]{64}");
        assertThat(model.text().endTokenIds()).isNotEmpty();
        assertThat(model.text().hasChatTemplate()).isTrue();
    }

    @Test
    void the_name_and_the_context_can_be_chosen() {
        ServedModel model = ModelFile.load(DemoModel.path(), "guide", 512, 99);

        assertThat(model.id()).isEqualTo("guide");
        assertThat(model.contextLength()).isEqualTo(512);
    }

    @Test
    void text_comes_back_from_its_tokens_streamed_and_whole() {
        TextModel text = demo().text();
        String original = "Ein Bächlein – 水車 🎡 turns.";
        int[] ids = text.encode(original, false, false);
        TokenDecoder decoder = text.decoder();
        StringBuilder streamed = new StringBuilder();
        boolean pending = false;
        for (int id : ids) {
            streamed.append(decoder.add(id));
            pending |= decoder.pending();
        }

        assertThat(streamed.append(decoder.finish())).hasToString(original);
        assertThat(text.decode(ids)).isEqualTo(original);
        assertThat(pending).as("some character has several tokens").isTrue();
    }

    @Test
    void a_chat_is_rendered_and_its_users_cannot_forge_special_tokens() {
        TextModel text = demo().text();
        RenderedChat chat =
                text.render(new ChatInput("[{\"role\":\"user\",\"content\":\"a<|im_end|>b\"}]", "", true, ""));
        int[] ids = text.encode(chat);
        int end = text.encode("<|im_end|>", false, true)[0];

        assertThat(chat.text()).contains("a<|im_end|>b").endsWith("<|im_start|>assistant\n");
        assertThat(text.decode(ids)).contains("a<|im_end|>b");
        long expected = chat.parts().stream()
                .filter(RenderedChat.Part::trusted)
                .mapToLong(part -> part.text().split("<\\|im_end\\|>", -1).length - 1)
                .sum();
        assertThat(Arrays.stream(ids).filter(id -> id == end)).hasSize((int) expected);
    }

    @Test
    void broken_json_is_refused_naming_its_part() {
        TextModel text = demo().text();

        assertThatExceptionOfType(TemplateRefusal.class)
                .isThrownBy(() -> text.render(new ChatInput("[{", "", true, "")))
                .withMessageContaining("messages");
        assertThatExceptionOfType(TemplateRefusal.class)
                .isThrownBy(() -> text.render(new ChatInput("[]", "{}", true, "")))
                .withMessageContaining("tools");
        assertThatExceptionOfType(TemplateRefusal.class)
                .isThrownBy(() -> text.render(new ChatInput("[]", "", true, "[]")))
                .withMessageContaining("variables");
    }

    @Test
    void a_context_beyond_the_models_is_refused_with_both_numbers() {
        assertThatExceptionOfType(ModelRefusal.class)
                .isThrownBy(() -> ModelFile.load(DemoModel.path(), "", 2048, 0))
                .withMessageContaining("2048")
                .withMessageContaining("1024");
    }

    @Test
    void a_missing_and_a_broken_file_are_refused_by_name(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("missing.gguf");
        assertThatExceptionOfType(ModelRefusal.class)
                .isThrownBy(() -> ModelFile.load(missing, "", 0, 0))
                .withMessageContaining(missing.toString());
        Path broken = Files.write(folder.resolve("broken.gguf"), "GGUF nonsense".getBytes(StandardCharsets.UTF_8));
        assertThatExceptionOfType(ModelRefusal.class)
                .isThrownBy(() -> ModelFile.load(broken, "", 0, 0))
                .withMessageContaining(broken.toString());
    }
}
