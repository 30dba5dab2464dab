package dev.millrace.cli.tool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `millrace tokenize`: text to ids, without a server.
@Command(
        name = "tokenize",
        mixinStandardHelpOptions = true,
        description = "Turns text into token ids: a JSON string on each line in, the ids on a line out.")
public final class TokenizeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = "A GGUF file; a vocabulary alone is enough.")
    private String model = "";

    @Option(names = "--add-special", description = "Add the tokens that the model wants around a text, such as BOS.")
    private boolean addSpecial;

    @Option(names = "--parse-special", description = "Take special tokens that are spelled out in the text as such.")
    private boolean parseSpecial;

    @Override
    public Integer call() throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(model));
        if (addSpecial) {
            arguments.add("--add-special");
        }
        if (parseSpecial) {
            arguments.add("--parse-special");
        }
        return ServiceTool.run("dev.millrace.tokenizer.tool.TokenizeTool", arguments);
    }
}
