package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The cases of `src/test/cuda/*_test.cpp`: kernels against plain C++, under all schedules.
class KernelCasesTest {

    @Test
    void kernels_compute_what_plain_loops_do() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(FakeDriver.file("shim_test").toString())
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("ok "))
                .toList();
        assertThat(lines).isEmpty();
        assertThat(process.waitFor()).isZero();
    }
}
