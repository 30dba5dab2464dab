package dev.millrace.tokenizer.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.tokenizer.TokenizerServiceApplication;
import dev.millrace.tokenizer.support.DemoModel;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The service as an operating system sees it.
class ServiceProcessTest {
    private record Ended(int code, String output, String errors) {}

    private static Ended run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                TokenizerServiceApplication.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output, errors);
    }

    @Test
    void a_missing_model_ends_it_with_one_line_and_no_stack_trace() throws Exception {
        Ended ended = run(Map.of(), "--millrace.model=no-such.gguf", "--millrace.grpc.port=0");

        assertThat(ended.errors()).isEqualTo("error: there is no model file no-such.gguf\n");
        assertThat(ended.output()).isEmpty();
        assertThat(ended.code()).isEqualTo(ServiceProcess.USER_ERROR);
    }

    @Test
    void a_training_run_serves_itself_a_request_and_exits() throws Exception {
        Ended ended = run(Map.of(
                "MILLRACE_TRAIN", "true", "MILLRACE_MODEL", DemoModel.path().toString()));

        assertThat(ended.errors()).isEmpty();
        assertThat(ended.output()).containsPattern("(?m)^READY grpc 127\\.0\\.0\\.1:\\d+$");
        assertThat(ended.code()).isZero();
    }

    @Test
    void it_notices_the_end_of_its_parent() throws Exception {
        CountDownLatch noticed = new CountDownLatch(1);
        PipedOutputStream parent = new PipedOutputStream();
        ParentWatch.start(new PipedInputStream(parent), noticed::countDown);
        parent.write('x');
        assertThat(noticed.getCount()).isEqualTo(1);
        parent.close();

        assertThat(noticed.await(30, TimeUnit.SECONDS)).isTrue();
    }
}
