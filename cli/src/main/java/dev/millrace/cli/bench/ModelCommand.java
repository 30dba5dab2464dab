package dev.millrace.cli.bench;

import dev.millrace.cli.tool.EngineTool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/// `millrace bench model`: what the engine room makes of a model.
@Command(
        name = "model",
        description = "Measures prefill and decode of a model, without HTTP; see `millrace bench model --help`.")
final class ModelCommand implements Callable<Integer> {
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        return EngineTool.run(EngineTool.BENCH, List.of(), BenchCommand.words("model", arguments));
    }
}
