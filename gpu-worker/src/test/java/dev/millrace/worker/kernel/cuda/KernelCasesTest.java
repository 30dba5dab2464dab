package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The cases of `src/test/cuda/*_test.cpp`: kernels against plain C++, under all schedules.
class KernelCasesTest {

    @Test
    void kernels_compute_what_plain_loops_do() throws IOException, InterruptedException {
        Run run = run("shim_test");
        assertThat(run.lines().filter(line -> !line.startsWith("ok "))).isEmpty();
        assertThat(run.code()).isZero();
    }

    @Test
    void a_barrier_that_a_kernel_lacks_is_noticed() throws IOException, InterruptedException {
        Run run = run("mutant_test");
        assertThat(run.lines()).anyMatch(line -> line.startsWith("FAIL rms_norm_of_rows"));
        assertThat(run.code()).isOne();
    }

    private record Run(String text, int code) {

        Stream<String> lines() {
            return text.lines();
        }
    }

    private static Run run(String name) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(FakeDriver.file(name).toString())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(text, process.waitFor());
    }
}
