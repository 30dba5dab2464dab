package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.GgufWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class MillraceMainTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    private final StringWriter output = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @BeforeEach
    void write_a_model() throws IOException {
        new GgufWriter()
                .string("general.architecture", "llama")
                .uint32("llama.block_count", 4)
                .uint32("llama.context_length", 512)
                .uint32("llama.embedding_length", 64)
                .uint32("llama.attention.head_count", 4)
                .float32Tensor("token_embd.weight", new float[64], 64)
                .write(folder.resolve("model.gguf"));
        new GgufWriter().string("general.architecture", "llama").write(folder.resolve("vocabulary.gguf"));
        Files.writeString(folder.resolve("text.gguf"), "no model at all");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none.gguf | none.gguf does not exist",
                "text.gguf | this is not a GGUF file",
                "vocabulary.gguf | is a vocabulary without weights",
                "model.gguf --stages 5 | --stages is 5, but model.gguf has 4 layers",
                "model.gguf --stages 0 | --stages is 0; it must be from 1 to 1024",
                "model.gguf --port 65536 | --port is 65536; it must be from 0 to 65535",
                "model.gguf --ctx 513 | --ctx is 513, but model.gguf was made for 512 tokens",
                "model.gguf --ctx -1 | --ctx is -1; it must be from 0",
                "model.gguf --parallel 0 | --parallel is 0; it must be from 1",
                "model.gguf --device gpu | --device is gpu; it must be auto, cpu, cuda, or devices in the order",
                "model.gguf --device cpu,cpu,cpu,cpu,cpu | --device names 5 devices, but model.gguf has 4 layers",
                "model.gguf --threads 0 | --threads is 0; it must be from 1",
                "model.gguf --host no.host.invalid | no.host.invalid is not a known host",
                "model.gguf --host 192.0.2.1 | 192.0.2.1 is not an address of this machine"
            })
    void serve_refuses_in_one_line_before_it_starts_anything(String arguments, String message) {
        String[] words = ("serve " + arguments).split(" ");
        words[1] = folder.resolve(words[1]).toString();

        assertThat(run(words)).isEqualTo(1);
        assertThat(errors.toString()).startsWith("error: ").contains(message).hasLineCount(1);
        assertThat(output.toString()).isEmpty();
    }

    @Test
    void a_kv_type_that_does_not_exist_is_named() {
        assertThat(run("serve", folder.resolve("model.gguf").toString(), "--kv-type", "q9"))
                .isEqualTo(2);
        assertThat(errors.toString()).contains("--kv-type").contains("q9").contains("Q8_0");
    }

    @Test
    void serve_refuses_a_port_in_use() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertThat(run("serve", folder.resolve("model.gguf").toString(), "--port", port))
                    .isEqualTo(1);
            assertThat(errors.toString())
                    .isEqualToNormalizingNewlines(
                            "error: port " + port + " is in use on 127.0.0.1; choose another with --port\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "serve --stages many, is not an int",
        "serve --nonsense 1, Unknown option: '--nonsense'",
        "dance, Unmatched argument at index 0: 'dance'",
        "inspect, Missing required parameter: 'MODEL'",
        "bench synth --shape tiny-llama --type q4_0, Missing required option: '--output'"
    })
    void a_command_line_that_makes_no_sense_exits_with_2(String arguments, String message) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(errors.toString()).startsWith("error: ").contains(message).hasLineCount(1);
    }

    @Test
    void help_names_the_commands() {
        assertThat(run("--help")).isZero();
        assertThat(output.toString()).contains("serve", "chat", "inspect", "tokenize", "template", "bench");
    }

    @Test
    void inspect_shows_keys_tensors_and_totals() {
        assertThat(run("inspect", folder.resolve("model.gguf").toString())).isZero();
        assertThat(output.toString())
                .contains("GGUF version 3")
                .contains("llama.block_count")
                .containsPattern("token_embd.weight +F32 +64 +256 bytes")
                .containsPattern("F32 +1 tensors +64 elements +256 bytes");
    }

    @Test
    void inspect_takes_a_vocabulary_only_file() {
        assertThat(run("inspect", folder.resolve("vocabulary.gguf").toString())).isZero();
        assertThat(output.toString()).contains("tensors: none, this is a vocabulary only");
    }

    @Test
    void inspect_refuses_in_one_line() {
        assertThat(run("inspect", folder.resolve("none.gguf").toString())).isEqualTo(1);
        assertThat(errors.toString()).contains("none.gguf does not exist").hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--shape gpt-5 --type q4_0 --output new.gguf | --shape is gpt-5; it must be one of qwen2.5-0.5b",
                "--shape tiny-llama --type q9 --output new.gguf | --type is q9; it must be one of f32, f16",
                "--shape tiny-llama --type q4_0 --output model.gguf | model.gguf is there already; --force writes",
                "--shape tiny-llama --type q4_0 --output none/new.gguf | new.gguf: its folder does not exist",
                "--shape tiny-llama --type q4_0 --output . --force | is a folder"
            })
    void bench_synth_refuses_in_one_line(String arguments, String message) {
        String[] words = ("bench synth " + arguments).split(" ");
        words[7] = folder.resolve(words[7]).toString();

        assertThat(run(words)).isEqualTo(1);
        assertThat(errors.toString()).startsWith("error: ").contains(message).hasLineCount(1);
        assertThat(folder.resolve("new.gguf")).doesNotExist();
    }

    @Test
    void bench_synth_writes_a_model_that_inspect_shows() {
        String file = folder.resolve("model.gguf").toString();

        assertThat(run("bench", "synth", "--shape", "tiny-qwen2", "--type", "Q4_K_M", "--output", file, "--force"))
                .isZero();
        assertThat(output.toString()).contains("tiny-qwen2 q4_k_m, seed 1, ");
        assertThat(run("inspect", file)).isZero();
        assertThat(output.toString()).contains("general.file_type").containsPattern("token_embd.weight +Q6_K");
    }

    @Test
    void bench_synth_lists_shapes_and_types() {
        assertThat(run("bench", "synth", "--list")).isZero();
        assertThat(output.toString()).contains("llama-3.2-1b").contains("q4_k_m");
    }

    private int run(String... arguments) {
        CommandLine command =
                MillraceMain.commandLine().setOut(new PrintWriter(output, true)).setErr(new PrintWriter(errors, true));
        return command.execute(arguments);
    }
}
