package dev.millrace.worker.kernel.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The sources of kernels and the PTX made of them.
final class CudaSources {

    static final Path SOURCES = Path.of("src", "main", "cuda");
    static final Path PTX = Path.of("src", "main", "resources", "dev", "millrace", "worker", "kernel", "cuda");

    private static final Pattern INCLUDE = Pattern.compile("^#include \"(.*\\.cuh)\"$", Pattern.MULTILINE);

    private CudaSources() {}

    /// Names without the ending, in order.
    static List<String> names(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(ending))
                    .map(name -> name.substring(0, name.length() - ending.length()))
                    .sorted()
                    .toList();
        }
    }

    static String ptx(String kernel) throws IOException {
        return Files.readString(PTX.resolve(kernel + ".ptx"));
    }

    /// As `src/main/cuda/regenerate` makes it: of a source and all that it includes, in the order of their names.
    static String hash(String kernel) throws IOException, NoSuchAlgorithmException {
        TreeSet<String> names = new TreeSet<>();
        collect(kernel + ".cu", names);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (String name : names) {
            digest.update((name + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(SOURCES.resolve(name)));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void collect(String name, TreeSet<String> names) throws IOException {
        if (names.add(name)) {
            Matcher include = INCLUDE.matcher(Files.readString(SOURCES.resolve(name)));
            while (include.find()) {
                collect(include.group(1), names);
            }
        }
    }
}
