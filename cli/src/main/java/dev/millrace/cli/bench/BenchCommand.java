package dev.millrace.cli.bench;

import dev.millrace.cli.bench.synth.SynthCommand;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/// `millrace bench`: the commands that measure.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Measures the engine, and makes models to measure with.",
        subcommands = {SynthCommand.class, ModelCommand.class, BandwidthCommand.class, DeviceCommand.class})
public final class BenchCommand {
    /// The command line of the worker's process that measures.
    static List<String> words(String command, List<String> options) {
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(options);
        return words;
    }
}
