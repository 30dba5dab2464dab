package dev.millrace.cli.serve;

import dev.millrace.cli.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Everything a start-up cache depends on, as text: the JVM refuses a cache when any of it has changed.
record CacheKey(String text) {
    static CacheKey of(Installation installation, List<String> flags, Service service) throws IOException {
        List<String> lines = new ArrayList<>(flags);
        lines.add(describe(installation.javaHome().resolve("release")));
        lines.add(describe(installation.jar(service.module())));
        try (Stream<Path> libraries =
                Files.list(installation.target(service.module()).resolve("lib"))) {
            for (Path library : libraries.sorted().toList()) {
                lines.add(describe(library));
            }
        }
        return new CacheKey(String.join("\n", lines) + "\n");
    }

    boolean isStoredIn(Path file) throws IOException {
        return Files.isRegularFile(file) && Files.readString(file).equals(text);
    }

    void storeIn(Path file) throws IOException {
        Files.writeString(file, text);
    }

    private static String describe(Path file) throws IOException {
        return file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file);
    }
}
