package dev.millrace.cli.bench;

import dev.millrace.cli.tool.EngineTool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/// `millrace bench bandwidth`: how fast memory is read.
@Command(
        name = "bandwidth",
        description = "Measures how fast memory is read, the floor under decoding; see --help behind it.")
final class BandwidthCommand implements Callable<Integer> {
    /// The pages and the room for what is read, which a worker has outside the heap.
    private static final List<String> FLAGS = List.of("-XX:+UseTransparentHugePages", "-Xmx6g");

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        return EngineTool.run(EngineTool.BENCH, FLAGS, BenchCommand.words("bandwidth", arguments));
    }
}
