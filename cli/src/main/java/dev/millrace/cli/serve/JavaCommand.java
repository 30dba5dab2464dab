package dev.millrace.cli.serve;

import dev.millrace.cli.Installation;
import dev.millrace.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command line of a service's process. Flags and class path must be the same in the run that writes a start-up
/// cache and in those that use it.
public final class JavaCommand {
    /// A recording of what a training run compiled makes later runs compile the same at once.
    private static final List<String> NO_RECORDING =
            List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining");

    private final Installation installation;

    public JavaCommand(Installation installation) {
        this.installation = installation;
    }

    /// As users run it, with the start-up cache where there is one.
    List<String> run(Service service, List<String> arguments) {
        Path cache = cache(service);
        return command(service, Files.isRegularFile(cache) ? List.of("-XX:AOTCache=" + cache) : List.of(), arguments);
    }

    /// A run that writes the start-up cache `output` when it ends.
    List<String> train(Service service, Path output, List<String> arguments) {
        List<String> more = new ArrayList<>(service == Service.WORKER ? List.of() : NO_RECORDING);
        more.add("-XX:AOTCacheOutput=" + output);
        return command(service, more, arguments);
    }

    /// Another main class of a service's jar, with `more` flags behind the service's own.
    public List<String> tool(Service service, List<String> more, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(installation.java().toString());
        command.addAll(flags(service));
        command.addAll(more);
        command.addAll(List.of("-cp", installation.jar(service.module()).toString(), mainClass));
        command.addAll(arguments);
        return command;
    }

    Path cache(Service service) {
        return installation.target(service.module()).resolve("startup.aot");
    }

    /// What every process of a service is started with, whatever the run: the same as in a container.
    List<String> flags(Service service) {
        List<String> flags = new ArrayList<>(options("jvm.options"));
        flags.addAll(options(service == Service.WORKER ? "jvm-worker.options" : "passing.options"));
        return flags;
    }

    private List<String> options(String name) {
        Path file = installation.root().resolve("deploy").resolve(name);
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UserError("%s cannot be read; it belongs to this installation".formatted(file));
        }
    }

    private List<String> command(Service service, List<String> more, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(installation.java().toString());
        command.addAll(flags(service));
        command.addAll(more);
        command.add("-jar");
        command.add(installation.jar(service.module()).toString());
        command.addAll(arguments);
        return command;
    }
}
