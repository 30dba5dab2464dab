package dev.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script `millrace` in a made-up clone, with a JDK that prints how it was called and a Maven that writes jars.
class LauncherTest {
    private static final List<String> MODULES = List.of("gguf", "tokenizer-service", "gpu-worker", "gateway", "cli");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Path clone;

    private record Outcome(int code, String output) {}

    @BeforeEach
    void make_a_clone() throws IOException {
        clone = Files.createDirectories(folder.resolve("a clone"));
        Files.copy(launcher(), clone.resolve("millrace"));
        for (String module : MODULES) {
            Files.createDirectories(clone.resolve(module).resolve("src/main"));
            Files.writeString(clone.resolve(module).resolve("src/main/Source.java"), "class Source {}");
        }
        program("jdk/bin/java", "for word; do printf '<%s>' \"$word\"; done; echo; echo \"home $MILLRACE_JAVA_HOME\"");
        program("jdk/bin/javac", "exit 0");
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
        program("bin/mvn", """
                echo '[INFO] Building Millrace :: cli 0.1.0'
                echo "$PWD: $*" >> ../built
                for module in gguf tokenizer-service gpu-worker gateway cli; do
                  mkdir -p $module/target; touch $module/target/millrace-$module-0.1.0.jar
                done""");
    }

    @Test
    void builds_what_is_missing_and_then_runs_the_command() throws Exception {
        Outcome outcome = run(folder, "a clone/millrace", "serve", "my model.gguf");

        assertThat(outcome.code).isZero();
        assertThat(outcome.output)
                .contains("building Millrace")
                .contains("<-jar><" + clone.resolve("cli/target/millrace-cli-0.1.0.jar") + "><serve><my model.gguf>")
                .contains("<-Dmillrace.root=" + clone + ">")
                .contains("home " + folder.resolve("jdk"));
        assertThat(builds()).containsExactly(clone + ": -B -ntp -Dmaven.test.skip=true -pl !bench/jmh package");
    }

    @Test
    void builds_once_and_again_when_a_source_is_newer() throws Exception {
        run(folder, "a clone/millrace");
        run(folder, "a clone/millrace");
        assertThat(builds()).hasSize(1);

        Files.setLastModifiedTime(
                clone.resolve("gateway/src/main/Source.java"),
                FileTime.from(Instant.now().plusSeconds(5)));

        run(folder, "a clone/millrace");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void works_through_links_and_from_anywhere() throws Exception {
        Path links = Files.createDirectories(folder.resolve("links"));
        Files.createSymbolicLink(links.resolve("second"), Path.of("../a clone/millrace"));
        Files.createSymbolicLink(links.resolve("first"), links.resolve("second"));

        Outcome outcome = run(Path.of("/"), links.resolve("first").toString());

        assertThat(outcome.code).isZero();
        assertThat(outcome.output).contains("<-Dmillrace.root=" + clone + ">");
    }

    @Test
    void two_at_once_build_once() throws Exception {
        assumeThat(Files.exists(Path.of("/usr/bin/flock"))).as("flock is there").isTrue();
        program("bin/mvn-slow", "sleep 0.5; exec mvn-fast \"$@\"");
        Files.move(folder.resolve("bin/mvn"), folder.resolve("bin/mvn-fast"));
        Files.move(folder.resolve("bin/mvn-slow"), folder.resolve("bin/mvn"));
        Process first = start(folder, "a clone/millrace");
        Process second = start(folder, "a clone/millrace");

        assertThat(first.waitFor()).isZero();
        assertThat(second.waitFor()).isZero();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void a_failing_build_is_shown() throws Exception {
        program("bin/mvn", "echo '[ERROR] no such symbol'; exit 1");

        Outcome outcome = run(folder, "a clone/millrace");

        assertThat(outcome.code).isEqualTo(1);
        assertThat(outcome.output).contains("[ERROR] no such symbol").contains("error: the build failed");
        assertThat(outcome.output).doesNotContain("<-jar>");
    }

    private Outcome run(Path from, String... command) throws IOException, InterruptedException {
        Process process = start(from, command);
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Outcome(process.waitFor(), output);
    }

    private Process start(Path from, String... command) throws IOException {
        List<String> words = new ArrayList<>(List.of("bash"));
        words.addAll(List.of(command));
        ProcessBuilder builder =
                new ProcessBuilder(words).directory(from.toFile()).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("JAVA_HOME", folder.resolve("jdk").toString());
        environment.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        return builder.start();
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(folder.resolve("built"));
    }

    private void program(String name, String script) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private static Path launcher() {
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            if (Files.isRegularFile(up.resolve("millrace"))) {
                return up.resolve("millrace");
            }
        }
        throw new AssertionError("the launcher is not above the working directory");
    }
}
