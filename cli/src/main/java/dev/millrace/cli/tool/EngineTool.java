package dev.millrace.cli.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.cli.Installation;
import dev.millrace.cli.UserError;
import dev.millrace.cli.serve.JavaCommand;
import dev.millrace.cli.serve.Service;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;

/// Runs a main class of the worker in a process like a worker's, on this process's own input and output. The options
/// are
/// that process's own.
public final class EngineTool {
    /// Measures.
    public static final String BENCH = "dev.millrace.worker.config.BenchMain";
    /// What the JVM says of a module that every worker has; nobody can do anything about it.
    private static final String INCUBATOR = "WARNING: Using incubator modules";

    private EngineTool() {}

    /// @param flags for the JVM, behind those of a worker
    /// @return the exit code
    public static int run(String mainClass, List<String> flags, List<String> arguments) throws InterruptedException {
        Installation installation = Installation.current();
        ProcessBuilder builder =
                new ProcessBuilder(new JavaCommand(installation).tool(Service.WORKER, flags, mainClass, arguments));
        builder.inheritIO().redirectError(ProcessBuilder.Redirect.PIPE);
        try {
            Process process = builder.start();
            try (BufferedReader errors = new BufferedReader(new InputStreamReader(process.getErrorStream(), UTF_8))) {
                errors.lines().filter(line -> !line.startsWith(INCUBATOR)).forEach(System.err::println);
            }
            return process.waitFor();
        } catch (IOException failure) {
            throw new UserError("cannot start %s: %s".formatted(installation.java(), failure.getMessage()));
        }
    }
}
