package dev.millrace.cli.bench;

import dev.millrace.cli.tool.EngineTool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/// `millrace bench device`: what a CUDA device does at best.
@Command(name = "device", description = "Measures a CUDA device, without a model; see `millrace bench device --help`.")
final class DeviceCommand implements Callable<Integer> {
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        return EngineTool.run(EngineTool.BENCH, List.of(), BenchCommand.words("device", arguments));
    }
}
