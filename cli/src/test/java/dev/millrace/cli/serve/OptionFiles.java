package dev.millrace.cli.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The files with JVM flags that belong to an installation.
final class OptionFiles {

    private OptionFiles() {}

    static void writeTo(Path root) throws IOException {
        Path deploy = Files.createDirectories(root.resolve("deploy"));
        Files.writeString(deploy.resolve("jvm.options"), "-Xmx512m\n");
        Files.writeString(deploy.resolve("jvm-worker.options"), "# For workers.\n-Xmn16m\n\n");
        Files.writeString(deploy.resolve("passing.options"), "-Xmn48m\n");
    }
}
