package dev.millrace.cli.serve;

import dev.millrace.cli.Installation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command line of a service's process. Flags and class path must be the same in the run that writes a start-up
/// cache and in those that use it.
final class JavaCommand {
    private final Installation installation;

    JavaCommand(Installation installation) {
        this.installation = installation;
    }

    /// As users run it, with the start-up cache where there is one.
    List<String> run(Service service, List<String> arguments) {
        Path cache = cache(service);
        return command(service, Files.isRegularFile(cache) ? List.of("-XX:AOTCache=" + cache) : List.of(), arguments);
    }

    /// A run that writes the start-up cache `output` when it ends.
    List<String> train(Service service, Path output, List<String> arguments) {
        return command(service, List.of("-XX:AOTCacheOutput=" + output), arguments);
    }

    Path cache(Service service) {
        return installation.target(service.module()).resolve("startup.aot");
    }

    /// What every process of a service is started with, whatever the run.
    List<String> flags(Service service) {
        List<String> flags = new ArrayList<>(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-Xmx512m"));
        if (service == Service.WORKER) {
            flags.addAll(List.of(
                    "--add-modules=jdk.incubator.vector",
                    // What a step leaves is garbage at once: a small young generation is cleaned in about a millisecond
                    // every few thousand steps, and leaves the machine's memory to weights.
                    "-Xmn16m",
                    "-Dio.netty.leakDetection.level=disabled"));
        }
        return flags;
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
