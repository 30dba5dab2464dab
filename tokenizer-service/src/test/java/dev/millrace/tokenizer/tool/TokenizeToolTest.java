package dev.millrace.tokenizer.tool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TokenizeToolTest {
    private final String model = demoModel().toString();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @Test
    void writes_a_line_of_ids_for_each_line() {
        assertThat(run("\"Hello\"\n\"\"\n\"\\u0048ello\"", model)).isZero();
        String[] lines = output.toString(UTF_8).split("\n", -1);
        assertThat(lines).hasSize(4);
        assertThat(lines[0]).isNotEmpty().matches("[0-9]+( [0-9]+)*").isEqualTo(lines[2]);
        assertThat(lines[1]).isEmpty();
        assertThat(lines[3]).isEmpty();
        assertThat(errors.toString(UTF_8)).isEmpty();
    }

    @Test
    void parses_special_tokens_only_when_asked() {
        run("\"<|im_start|>\"\n", model);
        assertThat(output.toString(UTF_8)).doesNotContain("2046");
        run("\"<|im_start|>\"\r\n", "--parse-special", "--add-special", model);
        assertThat(output.toString(UTF_8)).endsWith("\n2046\n");
    }

    @Test
    void names_the_line_that_is_not_a_json_string() {
        assertError("\"a\"\n[1]\n\"b\"\n", "line 2");
        assertThat(output.toString(UTF_8).lines()).hasSize(1);
        assertError("nonsense", "line 1");
        assertError("\"a\" \"b\"\n", "line 1");
        assertError("\"a\n", "line 1");
        assertError("\n", "line 1");
        assertError("\"a\"\n\n", "line 2");
    }

    @Test
    void says_in_one_line_what_is_wrong_with_a_model(@TempDir Path folder) throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.gguf"), "GGUF or so");
        assertError("", "broken.gguf", broken.toString());
        assertError("", "there is no such file", folder.resolve("missing.gguf").toString());
        assertError("", folder.toString(), folder.toString());
    }

    @Test
    void says_in_one_line_what_is_wrong_with_the_arguments() {
        assertThat(run("")).isEqualTo(2);
        assertThat(errors.toString(UTF_8)).startsWith("error: ").hasLineCount(1);
        errors.reset();
        assertThat(run("", "--nonsense", model)).isEqualTo(2);
        assertThat(errors.toString(UTF_8)).startsWith("error: ").hasLineCount(1);
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void answers_each_line_before_the_next_one_comes() throws Exception {
        try (PipedOutputStream typed = new PipedOutputStream();
                PipedInputStream input = new PipedInputStream(typed);
                PipedInputStream shown = new PipedInputStream();
                PipedOutputStream written = new PipedOutputStream(shown)) {
            Thread tool = Thread.ofPlatform()
                    .start(() -> TokenizeTool.run(
                            new TokenizeTool(input, written, new PrintStream(errors, true, UTF_8)), model));
            for (int round = 0; round < 3; round++) {
                typed.write("\"a\"\n".getBytes(UTF_8));
                typed.flush();
                int value = shown.read();
                while (value != '\n') {
                    assertThat(value).isNotNegative();
                    value = shown.read();
                }
            }
            typed.close();
            tool.join();
        }
    }

    private void assertError(String input, String saying) {
        assertError(input, saying, model);
    }

    private void assertError(String input, String saying, String path) {
        output.reset();
        errors.reset();
        assertThat(run(input, path)).isEqualTo(1);
        assertThat(errors.toString(UTF_8))
                .startsWith("error: ")
                .contains(saying)
                .endsWith("\n")
                .hasLineCount(1);
    }

    private int run(String input, String... arguments) {
        return TokenizeTool.run(
                new TokenizeTool(
                        new ByteArrayInputStream(input.getBytes(UTF_8)), output, new PrintStream(errors, true, UTF_8)),
                arguments);
    }

    private static Path demoModel() {
        Path folder = Path.of("").toAbsolutePath();
        Path model = folder.resolve("models/millrace-guide-q8_0.gguf");
        while (!Files.exists(model) && folder.getParent() != null) {
            folder = folder.getParent();
            model = folder.resolve("models/millrace-guide-q8_0.gguf");
        }
        return model;
    }
}
