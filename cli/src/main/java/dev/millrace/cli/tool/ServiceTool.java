package dev.millrace.cli.tool;

import dev.millrace.cli.Installation;
import dev.millrace.cli.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Runs a main class of the tokenizer-service's jar on this process's own input and output.
final class ServiceTool {
    private ServiceTool() {}

    static int run(String mainClass, List<String> arguments) throws InterruptedException {
        Installation installation = Installation.current();
        List<String> command = new ArrayList<>(List.of(
                installation.java().toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                installation.jar("tokenizer-service").toString(),
                mainClass));
        command.addAll(arguments);
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException failure) {
            throw new UserError("cannot start %s: %s".formatted(installation.java(), failure.getMessage()));
        }
    }
}
