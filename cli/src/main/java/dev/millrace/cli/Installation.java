package dev.millrace.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where Millrace and its JDK are on this machine.
///
/// @param root the folder that holds the modules, each with its built jar under `target`
/// @param javaHome the JDK that runs them
public record Installation(Path root, Path javaHome) {
    /// The launcher names both; without it they are found from the running process.
    public static Installation current() {
        @Nullable String javaHome = System.getenv("MILLRACE_JAVA_HOME");
        @Nullable String root = System.getProperty("millrace.root");
        return new Installation(
                root == null ? aboveThisJar() : Path.of(root),
                Path.of(javaHome == null ? System.getProperty("java.home") : javaHome));
    }

    public Path java() {
        return javaHome.resolve("bin").resolve("java");
    }

    public Path defaultModel() {
        return root.resolve("models").resolve("millrace-guide-q8_0.gguf");
    }

    public Path target(String module) {
        return root.resolve(module).resolve("target");
    }

    /// The thin jar of a module's process.
    public Path jar(String module) {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(target(module), "millrace-" + module + "-*[0-9].jar")) {
            for (Path jar : jars) {
                return jar;
            }
        } catch (IOException notThere) {
            throw notBuilt(module);
        }
        throw notBuilt(module);
    }

    private UserError notBuilt(String module) {
        return new UserError(
                "%s is not built in %s; run ./millrace, or mvn -DskipTests package".formatted(module, target(module)));
    }

    private static Path aboveThisJar() {
        try {
            Path jar = Path.of(Installation.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            // <root>/cli/target/<jar>
            return jar.resolve("../../..").normalize();
        } catch (URISyntaxException impossible) {
            throw new UncheckedIOException(new IOException(impossible));
        }
    }
}
