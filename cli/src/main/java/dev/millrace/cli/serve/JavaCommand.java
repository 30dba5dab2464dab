package dev.millrace.cli.serve;

import dev.millrace.cli.Installation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command line of a service's process. Flags and class path must be the same in the run that writes a start-up
/// cache and in those that use it.
public final class JavaCommand {
    /// Processes that pass tokens on are under way in a second; compiling their code well may wait until it has been
    /// used for longer than a start takes, or it would take the processors from the start itself. Their garbage is
    /// short-lived: a young generation of this size is collected in a few milliseconds.
    private static final List<String> PASSING_ON = List.of(
            "-Xmn48m",
            "-XX:Tier4InvocationThreshold=20000",
            "-XX:Tier4MinInvocationThreshold=5000",
            "-XX:Tier4CompileThreshold=40000",
            "-XX:Tier4BackEdgeThreshold=160000",
            "-Dio.netty.leakDetection.level=disabled");

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
                    // Kernels are called with ranges that were checked.
                    "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0",
                    // What a step leaves is garbage at once: a small young generation is cleaned in about a millisecond
                    // every few thousand steps, and leaves the machine's memory to weights.
                    "-Xmn16m",
                    "-Dio.netty.leakDetection.level=disabled"));
        } else {
            flags.addAll(PASSING_ON);
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
