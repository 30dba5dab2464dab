package dev.millrace.cli.device;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tools.jackson.core.JacksonException;

/// Asks the worker's tool which devices there are: a process of its own, since a driver that fails may take the process
/// that asked with it.
public final class DeviceQuestion {
    /// The tool: a table for people, or the report with `--json`.
    public static final String MAIN_CLASS = "dev.millrace.worker.config.DevicesMain";

    /// For a process that is gone before a better compiler would have paid.
    public static final List<String> FLAGS = List.of("-XX:TieredStopAtLevel=1");

    /// A driver wakes sleeping devices one after another.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private DeviceQuestion() {}

    /// Runs `command`, which prints the report.
    public static DeviceReport ask(List<String> command) throws InterruptedException {
        try {
            Path output = Files.createTempFile("millrace-devices-", ".json");
            try {
                return ask(command, output);
            } finally {
                Files.delete(output);
            }
        } catch (IOException failure) {
            throw new UserError("cannot ask which devices there are: " + failure.getMessage());
        }
    }

    private static DeviceReport ask(List<String> command, Path output) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(PATIENCE)) {
            process.destroyForcibly();
            throw new UserError(
                    "the NVIDIA driver does not say within %d seconds which devices there are; --device cpu serves without"
                            .formatted(PATIENCE.toSeconds()));
        }
        String answer = Files.readString(output, UTF_8);
        try {
            if (process.exitValue() == 0) {
                return DeviceReport.read(answer);
            }
        } catch (JacksonException notJson) {
            // Answered below like any other failure.
        }
        throw new UserError(
                "asking which devices there are failed with exit code %d; `./millrace devices` shows how, --device cpu serves without"
                        .formatted(process.exitValue()));
    }
}
