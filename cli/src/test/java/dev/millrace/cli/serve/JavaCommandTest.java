package dev.millrace.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path root;

    @Test
    void a_tool_runs_with_the_flags_of_its_service_and_its_own_behind_them() throws IOException {
        Path target = Files.createDirectories(root.resolve("gpu-worker/target"));
        Path jar = Files.createFile(target.resolve("millrace-gpu-worker-0.1.0.jar"));
        OptionFiles.writeTo(root);
        JavaCommand java = new JavaCommand(new Installation(root, Path.of("/jdk")));

        List<String> command = java.tool(Service.WORKER, List.of("-Xmx6g"), "a.Main", List.of("model", "file"));

        assertThat(command)
                .startsWith("/jdk/bin/java")
                .containsSequence("-Xmx512m", "-Xmn16m")
                .endsWith("-Xmx6g", "-cp", jar.toString(), "a.Main", "model", "file");
    }
}
