package dev.millrace.cli.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OrphansTest {
    /// Run in a process of its own: supervises one that ends with its input, as services do.
    static final class Parent {
        public static void main(String[] arguments) throws InterruptedException {
            ProcessSpec child = new ProcessSpec(
                    "child", Detached.command(List.of("/bin/sh", "-c", "echo $$; exec cat")), Map.of(), "");
            new Supervisor(List.of(child), new ClusterLog(System.out, System.err, false, 5), Duration.ofSeconds(1))
                    .start();
            Thread.sleep(Duration.ofMinutes(5));
        }
    }

    @Test
    void a_supervisor_that_is_killed_takes_its_processes_along() throws Exception {
        Process parent = startParent();
        CompletableFuture<Void> childEnded;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(parent.getInputStream(), UTF_8))) {
            String line = String.valueOf(lines.readLine());
            long childId = Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
            ProcessHandle child = ProcessHandle.of(childId).orElseThrow();
            childEnded = child.onExit()
                    .thenAccept(handle -> assertThat(handle.isAlive()).isFalse());

            parent.destroyForcibly().waitFor();
        }

        childEnded.get(30, TimeUnit.SECONDS);
    }

    private static Process startParent() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
