package dev.millrace.tokenizer.tool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.tokenizer.support.DemoModel;
import dev.millrace.tokenizer.template.TemplateModelFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateToolTest {
    private static final String HELLO = "[{\"role\": \"user\", \"content\": \"Héllo\"}]";

    private final String model = DemoModel.path().toString();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void forget() {
        output.reset();
        errors.reset();
    }

    private int run(String input, String... arguments) {
        ByteArrayInputStream typed = new ByteArrayInputStream(input.getBytes(UTF_8));
        return TemplateTool.run(new TemplateTool(typed, output, new PrintStream(errors, true, UTF_8)), arguments);
    }

    private String template(String source) throws IOException {
        return TemplateModelFile.write(folder.resolve("template.gguf"), Map.of("tokenizer.chat_template", source))
                .toString();
    }

    private void assertError(int status, String message) {
        assertThat(status).isEqualTo(1);
        assertThat(output.toString(UTF_8)).isEmpty();
        assertThat(errors.toString(UTF_8).lines().filter(line -> line.startsWith("error: ")))
                .singleElement()
                .asString()
                .contains(message);
        forget();
    }

    @Test
    void writes_exactly_the_prompt() {
        assertThat(run(HELLO, model)).isZero();
        assertThat(output.toString(UTF_8)).isEqualTo("<|im_start|>user\nHéllo<|im_end|>\n<|im_start|>assistant\n");
        assertThat(errors.toString(UTF_8)).isEmpty();
    }

    @Test
    void leaves_the_answer_closed_when_asked() {
        run(HELLO, model, "--no-generation-prompt");
        assertThat(output.toString(UTF_8)).isEqualTo("<|im_start|>user\nHéllo<|im_end|>\n");
        output.reset();
        run("{\"messages\": " + HELLO + ", \"add_generation_prompt\": false}", model);
        assertThat(output.toString(UTF_8)).isEqualTo("<|im_start|>user\nHéllo<|im_end|>\n");
    }

    @Test
    void passes_tools_and_variables() throws IOException {
        String file = template("{{ tools|tojson }}|{{ a }}|{{ b }}|{{ messages|length }}");
        Path tools = Files.writeString(folder.resolve("tools.json"), "[{\"name\": \"f\"}]");
        run("{\"messages\": [], \"a\": 1}", file, "--tools", tools.toString(), "--variables", "{\"b\": [true]}");
        assertThat(output.toString(UTF_8)).isEqualTo("[{\"name\": \"f\"}]|1|[True]|0");
        output.reset();
        run("{\"messages\": [], \"tools\": [{\"name\": \"g\"}]}", file);
        assertThat(output.toString(UTF_8)).startsWith("[{\"name\": \"g\"}]");
    }

    @Test
    void says_in_one_line_what_is_wrong() throws IOException {
        Path none = TemplateModelFile.write(folder.resolve("none.gguf"), Map.of("general.name", "a"));
        assertError(run(HELLO, none.toString()), "the model has no chat template");
        assertError(run(HELLO, folder.resolve("missing.gguf").toString()), "there is no such file");
        Path broken = Files.writeString(folder.resolve("broken.gguf"), "GGUF or so");
        assertError(run(HELLO, broken.toString()), "broken.gguf");
        assertError(run(HELLO, template("{{ raise_exception('No\nway') }}")), "No way");
        assertError(run(HELLO, template("{% for %}")), "line 1");
        assertError(run("", model), "the input is empty");
        assertError(run("[\n {", model), "(line 2, column 3)");
        assertError(run("[] []", model), "not well-formed JSON");
        assertError(run("5", model), "neither a JSON array");
        assertError(run("{\"messages\": 5}", model), "neither a JSON array");
        assertError(run("{\"messages\": [], \"add_generation_prompt\": 1}", model), "add_generation_prompt");
        assertError(run(HELLO, model, "--variables", "[]"), "--variables is not a JSON object");
        assertError(run(HELLO, model, "--tools", "nowhere.json"), "nowhere.json: there is no such file");
    }

    @Test
    void says_in_one_line_what_is_wrong_with_the_arguments() {
        assertThat(run(HELLO)).isEqualTo(2);
        assertThat(run(HELLO, model, "--nonsense")).isEqualTo(2);
        assertThat(errors.toString(UTF_8).lines()).allMatch(line -> line.startsWith("error: "));
    }
}
