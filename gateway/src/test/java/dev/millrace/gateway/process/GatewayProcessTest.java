package dev.millrace.gateway.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.GatewayApplication;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The manners of the process, seen from the one that starts it.
class GatewayProcessTest {
    private static final int PATIENCE_SECONDS = 90;

    @TempDir
    private Path folder;

    @Test
    void says_where_it_serves_and_ends_with_its_parent() throws Exception {
        Process process = start("MILLRACE_EXIT_WITH_PARENT", "--server.port=0");
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            String line = out.readLine();
            while (line != null && !line.startsWith("READY ")) {
                line = out.readLine();
            }
            assertThat(line).matches("READY http://127\\.0\\.0\\.1:\\d+");
            process.getOutputStream().close();
            assertThat(exitCode(process)).isZero();
        }
        assertThat(errors()).isEmpty();
    }

    @Test
    void a_port_in_use_is_one_line_and_not_a_trace() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Process process = start("NOTHING", "--server.port=" + taken.getLocalPort());
            process.getInputStream().readAllBytes();

            assertThat(exitCode(process)).isEqualTo(1);
            assertThat(errors())
                    .containsExactly("error: port " + taken.getLocalPort()
                            + " is in use; choose another one with --server.port");
        }
    }

    @Test
    void a_training_run_ends_by_itself() throws Exception {
        Process process = start("MILLRACE_TRAIN", "--server.port=1");

        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(exitCode(process)).as(out).isZero();
        assertThat(out).doesNotContain("READY");
    }

    private Process start(String variable, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                GatewayApplication.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(folder.resolve("errors").toFile());
        builder.environment().put(variable, "true");
        return builder.start();
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private List<String> errors() throws IOException {
        return Files.readAllLines(folder.resolve("errors"));
    }
}
