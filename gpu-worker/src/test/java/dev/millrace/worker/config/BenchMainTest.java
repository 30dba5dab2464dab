package dev.millrace.worker.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The measuring commands as the command line starts them, but in this process.
class BenchMainTest {

    private static final String MODEL = DemoModel.PATH.toString();

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final PrintStream systemOutput = System.out;
    private final PrintStream systemErrors = System.err;

    @BeforeEach
    void take_over_the_streams() {
        System.setOut(new PrintStream(output, true, UTF_8));
        System.setErr(new PrintStream(errors, true, UTF_8));
    }

    @AfterEach
    void give_them_back() {
        System.setOut(systemOutput);
        System.setErr(systemErrors);
    }

    @Test
    void a_model_is_measured_in_a_table() {
        assertThat(run("model", MODEL, "--prompt", "40", "--sequences", "1,3", "--tokens", "4", "--context", "20"))
                .isZero();

        assertThat(output.toString(UTF_8).lines())
                .hasSize(6)
                .anySatisfy(line -> assertThat(line).startsWith("| prefill 40 "))
                .anySatisfy(line -> assertThat(line).startsWith("| decode 4 x 3 at 20 "));
    }

    @Test
    void a_model_is_measured_as_json() {
        assertThat(run("model", MODEL, "--prompt", "0", "--sequences", "2", "--tokens", "2", "--json"))
                .isZero();

        assertThat(output.toString(UTF_8))
                .hasLineCount(1)
                .startsWith("{\"test\": \"decode 2 x 2\", \"tokens_per_second\": {\"median\": ")
                .contains("\"tokens_per_cpu_second\": {\"median\": ");
    }

    @Test
    void memory_is_read() {
        assertThat(run("bandwidth", "--mebibytes", "8", "--json")).isZero();

        assertThat(output.toString(UTF_8)).startsWith("{\"threads\": 1, \"mebibytes\": 8, \"bytes_per_second\": ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model none.gguf --device cpu | there is no model file none.gguf",
                "model %s --prompt -1 | --prompt is -1; it must be from 0 to 1048576",
                "model %s --sequences 0 | --sequences is 0; it must be from 1 to 512",
                "model %s --repeat 0 | --repeat is 0; it must be from 1",
                "model %s --device cpu --sequences 512 --context 1000000 | more stages, a shorter context or fewer parallel",
                "model %s --device cpu --threads -1 | --threads is -1",
                "model %s --device gpu | --device is \"gpu\"; it has to be auto, cpu, cuda, cuda:0 or cuda:0,1",
                "model %s --cuda-graphs perhaps | is not a boolean",
                "bandwidth --device cpu | Unknown option",
                "model %s --tokens many | is not an int",
                "bandwidth --mebibytes 0 | --mebibytes is 0; it must be from 1 to 3072"
            })
    void what_cannot_be_measured_is_refused_in_one_line(String arguments, String message) {
        assertThat(Commands.execute(new BenchMain(), arguments.formatted(MODEL).split(" ")))
                .isEqualTo(2);
        assertThat(errors.toString(UTF_8))
                .startsWith("error: ")
                .contains(message)
                .hasLineCount(1);
        assertThat(output.toString(UTF_8)).isEmpty();
    }

    private static int run(String... arguments) {
        List<String> words = new ArrayList<>(List.of(arguments));
        words.addAll(1, List.of("--threads", "1"));
        if (words.getFirst().equals("model")) {
            words.addAll(1, List.of("--device", "cpu", "--warm-up", "0", "--repeat", "2"));
        }
        return Commands.execute(new BenchMain(), words.toArray(String[]::new));
    }
}
