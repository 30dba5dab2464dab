package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.cuda.FakeDriver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Worker processes on the driver that computes on the CPU.
class CudaProcessTest {

    private final Path driver = FakeDriver.file("libcuda.so.1");

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    /// Without the module that only the CPU needs.
    private Process worker(Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                WorkerMain.class.getName(),
                "--model",
                DemoModel.PATH.toString(),
                "--metrics-port",
                "-1"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("MILLRACE_CUDA_DRIVER", driver.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static String errors(Process process, int code) throws Exception {
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        List<String> lines = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("error: "))
                .toList();
        assertThat(process.exitValue()).as(String.join("\n", lines)).isEqualTo(code);
        assertThat(lines).hasSize(1);
        return lines.getFirst();
    }

    @Test
    void a_process_whose_device_is_lost_in_a_step_ends_with_one_line_and_a_code_of_its_own() throws Exception {
        try (TestPlacement placement = new TestPlacement()) {
            Process process = worker(
                    Map.of("FAKE_CUDA_FAULT", "cuMemcpyDtoHAsync:3:700"),
                    "--device",
                    "cuda:0",
                    "--tokenizer",
                    placement.target());
            try (TestPipeline pipeline = new TestPipeline(placement.form(1), placement.epoch())) {
                pipeline.submit(
                        TestPipeline.greedy(DemoModel.conversations().getFirst().prompt(), 20));
                assertThat(errors(process, 3))
                        .startsWith("error: CUDA 0, Fake GPU 0")
                        .endsWith("answers nothing any more; only a new process can use it");
            }
        }
    }

    @Test
    void a_driver_that_is_too_old_is_refused_with_what_is_needed() throws Exception {
        Process process = worker(Map.of("FAKE_CUDA_VERSION", "11040", "MILLRACE_DEVICE", "cuda"));
        assertThat(errors(process, 2)).contains("--device cuda:", "driver is too old", "driver 520 or newer");
    }

    @Test
    void a_driver_that_is_not_there_is_refused() throws Exception {
        Process process = worker(Map.of("MILLRACE_CUDA_DRIVER", "/nowhere/libcuda.so.1"), "--device", "cuda");
        assertThat(errors(process, 2)).contains("the driver library /nowhere/libcuda.so.1 cannot be opened");
    }
}
