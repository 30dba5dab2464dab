package dev.millrace.cli.tool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/// `millrace template`: messages to the prompt that the model would see, without a server.
@Command(
        name = "template",
        mixinStandardHelpOptions = true,
        description = "Renders the model's chat template: messages as JSON in, the prompt's text out.")
public final class TemplateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = "A GGUF file; a vocabulary alone is enough.")
    private String model = "";

    @Unmatched
    private List<String> others = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(model));
        arguments.addAll(others);
        return ServiceTool.run("dev.millrace.tokenizer.tool.TemplateTool", arguments);
    }
}
