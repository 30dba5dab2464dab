package dev.millrace.worker.config;

import dev.millrace.gguf.GgufFile;
import dev.millrace.worker.kernel.PackedPlace;
import dev.millrace.worker.weights.LayerSpan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Where packed weights are kept from start to start.
///
/// @param choice `auto` for a folder beside the model, or the user's cache folder where that cannot be written; `off`;
/// or a folder
record WeightCache(String choice) {

    static final String AUTO = "auto";
    static final WeightCache OFF = new WeightCache("off");

    private static final String BESIDE_THE_MODEL = ".millrace";

    boolean isOff() {
        return choice.equals(OFF.choice);
    }

    /// The place for those layers of `file`. The key has the sizes, the header and the times of all parts.
    PackedPlace place(GgufFile file, LayerSpan span) throws IOException {
        Path model = file.paths().getFirst().toAbsolutePath().normalize();
        StringBuilder key = new StringBuilder(file.digest());
        for (Path part : file.paths()) {
            key.append('\n').append(Files.size(part)).append(' ').append(Files.getLastModifiedTime(part));
        }
        String layers = ".layers-%d-%d-of-%d".formatted(span.first(), span.first() + span.count() - 1, span.total());
        return new PackedPlace(folder(model).resolve(model.getFileName() + layers), key + layers);
    }

    private Path folder(Path model) {
        if (!choice.equals(AUTO)) {
            return Path.of(choice);
        }
        Path beside = model.resolveSibling(BESIDE_THE_MODEL);
        if (Files.isWritable(Files.exists(beside) ? beside : beside.resolveSibling("."))) {
            return beside;
        }
        Map<String, String> environment = System.getenv();
        Path caches = environment.getOrDefault("XDG_CACHE_HOME", "").isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(environment.get("XDG_CACHE_HOME"));
        // Models in different folders may have the same name.
        return caches.resolve("millrace").resolve("%08x".formatted(model.hashCode()));
    }
}
