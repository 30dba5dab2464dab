package dev.millrace.cli.tool;

import dev.millrace.cli.device.DeviceQuestion;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `millrace devices`: what `--device` can name on this machine.
@Command(
        name = "devices",
        mixinStandardHelpOptions = true,
        description = "Shows the devices of this machine, their memory and who has it.")
public final class DevicesCommand implements Callable<Integer> {
    @Option(names = "--json", description = "A JSON object instead of a table.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        return EngineTool.run(DeviceQuestion.MAIN_CLASS, DeviceQuestion.FLAGS, json ? List.of("--json") : List.of());
    }
}
