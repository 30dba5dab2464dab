package dev.millrace.tokenizer.vocabulary;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.gguf.GgufFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Files that tests read: the demo model of the repository, and real vocabularies beside it, which a fresh clone does
/// not
/// have.
final class SharedData {
    private static final Map<Path, Tokenizer> TOKENIZERS = new ConcurrentHashMap<>();

    private SharedData() {}

    /// Skips the test where the folder is missing.
    static Path folder(String name) {
        Path folder = repository().resolveSibling("shared").resolve("data").resolve(name);
        assumeTrue(Files.isDirectory(folder), "shared/data is not there: " + name + " is missing");
        return folder;
    }

    static Path repositoryFile(String name) {
        return repository().resolve(name);
    }

    static Tokenizer demoTokenizer() {
        return tokenizer(repositoryFile("models/millrace-guide-q8_0.gguf"));
    }

    /// The tokenizer of `ggml-vocab-NAME.gguf`.
    static Tokenizer vocabulary(String name) {
        return tokenizer(folder("vocab").resolve("ggml-vocab-" + name + ".gguf"));
    }

    static Tokenizer tokenizer(Path path) {
        return TOKENIZERS.computeIfAbsent(path, SharedData::load);
    }

    private static Tokenizer load(Path path) {
        try (GgufFile file = GgufFile.open(path)) {
            return Tokenizer.from(file.metadata());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder.getParent() != null && !Files.isRegularFile(folder.resolve("models/goldens.json"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
