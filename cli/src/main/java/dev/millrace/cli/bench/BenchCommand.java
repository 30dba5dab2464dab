package dev.millrace.cli.bench;

import dev.millrace.cli.bench.synth.SynthCommand;
import picocli.CommandLine.Command;

/// `millrace bench`: the commands that measure.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Measures the engine, and makes models to measure with.",
        subcommands = {SynthCommand.class, ModelCommand.class, BandwidthCommand.class, DeviceCommand.class})
public final class BenchCommand {}
