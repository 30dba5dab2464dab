package dev.millrace.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The process as it is started by others.
class WorkerMainTest {

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    private ProcessBuilder worker(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-modules=jdk.incubator.vector",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                WorkerMain.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MILLRACE_DEVICE", "cpu");
        return builder;
    }

    private Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private void assertRefuses(String because, String... arguments) throws Exception {
        assertRefuses(because, worker(arguments));
    }

    private void assertRefuses(String because, ProcessBuilder builder) throws Exception {
        Process process = start(builder);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        List<String> lines = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
                .toList();
        assertThat(lines).singleElement().asString().startsWith("error: ").contains(because);
        assertThat(process.exitValue()).isEqualTo(2);
    }

    @Test
    void a_user_error_is_one_line_and_a_code() throws Exception {
        assertRefuses("there is no model file missing.gguf", "--model", "missing.gguf");
        assertRefuses("--threads", "--threads", "many");
        assertRefuses("is not HOST:PORT", "--model", "any.gguf", "--tokenizer", "nowhere");
    }

    @Test
    void a_java_without_the_vector_module_is_named() throws Exception {
        ProcessBuilder builder = worker("--model", DemoModel.PATH.toString());
        builder.command().remove("--add-modules=jdk.incubator.vector");
        assertRefuses("--add-modules jdk.incubator.vector", builder);
    }

    @Test
    void a_worker_says_that_it_is_ready_and_ends_with_its_parent() throws Exception {
        ProcessBuilder builder = worker("--metrics-port", "-1", "--worker-id", "w1", "--threads", "1");
        builder.environment().put("MILLRACE_MODEL", DemoModel.PATH.toString());
        builder.environment().put("MILLRACE_TOKENIZER", "127.0.0.1:1");
        builder.environment().put("MILLRACE_EXIT_WITH_PARENT", "true");
        Process process = start(builder);
        assertThat(process.inputReader().readLine()).matches("READY worker w1 grpc 127\\.0\\.0\\.1:\\d+");
        process.getOutputStream().close();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void a_training_run_gets_through() throws Exception {
        ProcessBuilder builder = worker("--model", DemoModel.PATH.toString(), "--threads", "1");
        builder.environment().put("MILLRACE_TRAIN", "true");
        Process process = start(builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD));
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
