package dev.millrace.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartupCachesTest {
    /// Stands in for a JVM: writes what `-XX:AOTCacheOutput=` names, and leaves a trace of its call.
    private static final String FAKE_JAVA = """
            #!/bin/sh
            [ "$MILLRACE_TRAIN" = true ] || exit 9
            for word; do
              case $word in -XX:AOTCacheOutput=*) echo cache > "${word#*=}" ;; esac
            done
            echo "$*" >> "$(dirname "$0")/calls"
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path root;

    private final RecordedLog recorded = new RecordedLog();

    @BeforeEach
    void build() throws IOException {
        for (Service service : Service.values()) {
            Path target = Files.createDirectories(root.resolve(service.module()).resolve("target"));
            Files.write(target.resolve("millrace-" + service.module() + "-0.1.0.jar"), new byte[7]);
            Files.createDirectories(target.resolve("lib"));
        }
        Files.createDirectories(root.resolve("jdk/bin"));
        Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"25\"");
        writeJava(FAKE_JAVA);
    }

    @Test
    void caches_are_written_once() throws Exception {
        prepare();

        assertThat(root.resolve("gateway/target/startup.aot")).hasContent("cache");
        assertThat(root.resolve("gpu-worker/target/startup.aot")).exists();
        assertThat(root.resolve("tokenizer-service/target/startup.aot")).exists();
        assertThat(recorded.text()).isEqualToNormalizingNewlines("millrace | preparing start-up caches (once)\n");

        prepare();

        assertThat(calls()).isEqualTo(3);
    }

    @Test
    void a_new_program_or_library_has_its_cache_written_again() throws Exception {
        prepare();
        Files.write(root.resolve("gateway/target/millrace-gateway-0.1.0.jar"), new byte[8]);
        Files.write(root.resolve("gpu-worker/target/lib/library.jar"), new byte[8]);

        prepare();

        assertThat(calls()).isEqualTo(5);
    }

    @Test
    void a_run_that_fails_is_named_and_not_tried_again() throws Exception {
        writeJava("#!/bin/sh\necho broken; exit 1\n");

        prepare();
        prepare();

        assertThat(root.resolve("gateway/target/startup.aot")).doesNotExist();
        assertThat(root.resolve("gateway/target/startup-training.log")).hasContent("broken");
        assertThat(recorded.text()).containsOnlyOnce("no start-up cache for gateway");
    }

    private void prepare() throws InterruptedException, IOException {
        OptionFiles.writeTo(root);
        Installation installation = new Installation(root, root.resolve("jdk"));
        new StartupCaches(installation, new JavaCommand(installation), recorded.log).prepare(Path.of("m.gguf"));
    }

    private long calls() throws IOException {
        return Files.readAllLines(root.resolve("jdk/bin/calls")).size();
    }

    private void writeJava(String script) throws IOException {
        Path java = Files.writeString(root.resolve("jdk/bin/java"), script);
        assertThat(Objects.requireNonNull(java.toFile()).setExecutable(true)).isTrue();
    }
}
