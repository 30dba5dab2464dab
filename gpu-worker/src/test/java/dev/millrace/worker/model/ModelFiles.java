package dev.millrace.worker.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Finds the models and goldens of the repository and, where it is there, of `shared` beside it.
final class ModelFiles {

    static final String DEMO = "millrace-guide-q8_0.gguf";

    private ModelFiles() {}

    /// A file of the repository's `models`.
    static Path ours(String name) {
        return upward("models/" + name).orElseThrow(() -> new AssertionError("models/" + name + " is missing"));
    }

    /// A file below `shared`, or the test is skipped.
    static Path shared(String name) {
        Optional<Path> found = upward("shared/" + name);
        Assumptions.assumeTrue(found.isPresent(), "shared/" + name + " is not there");
        return found.orElseThrow();
    }

    private static Optional<Path> upward(String name) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve(name))) {
                return Optional.of(folder.resolve(name));
            }
        }
        return Optional.empty();
    }

    static JsonNode json(Path path) {
        return new ObjectMapper().readTree(path.toFile());
    }

    static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }

    static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }
}
