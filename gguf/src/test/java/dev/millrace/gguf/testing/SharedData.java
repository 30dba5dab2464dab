package dev.millrace.gguf.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// Test data that lies in `shared` beside the repository and is no part of it.
public final class SharedData {
    private SharedData() {}

    /// The folder `shared/<name>`; the test is skipped with a message where it is missing.
    public static Path folder(String name) {
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            Path folder = up.resolveSibling("shared").resolve(name);
            if (Files.exists(up.resolve("models")) && Files.isDirectory(folder)) {
                return folder;
            }
        }
        Assumptions.abort("shared/" + name + " is not there beside the repository");
        throw new IllegalStateException("an aborted assumption throws");
    }
}
