package dev.millrace.worker.config;

import picocli.CommandLine.Command;

/// The process behind `millrace bench model`, `bandwidth` and `device`.
@Command(
        name = "millrace bench",
        description = "Measures what this machine's engine room can do.",
        subcommands = {ModelBench.class, BandwidthBench.class, DeviceBench.class})
public final class BenchMain {

    BenchMain() {}

    /// Runs one measurement.
    public static void main(String[] arguments) {
        System.exit(Commands.execute(new BenchMain(), arguments));
    }
}
