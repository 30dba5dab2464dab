package dev.millrace.tokenizer.support;

import java.nio.file.Files;
import java.nio.file.Path;

/// The demo model of the repository.
public final class DemoModel {
    private DemoModel() {}

    /// Its path, found upwards from the working directory.
    public static Path path() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path file = folder.resolve("models/millrace-guide-q8_0.gguf");
            if (Files.exists(file)) {
                return file;
            }
        }
        throw new AssertionError("the demo model is not in the repository");
    }
}
