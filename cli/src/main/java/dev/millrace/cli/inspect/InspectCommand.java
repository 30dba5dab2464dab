package dev.millrace.cli.inspect;

import dev.millrace.cli.Unreadable;
import dev.millrace.cli.UserError;
import dev.millrace.gguf.GgufFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `millrace inspect`: what a GGUF file says about itself.
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Shows metadata, tensors, types and sizes of a GGUF file.")
public final class InspectCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "A GGUF file; of a split model any part.")
    private Path model = Path.of("");

    @Override
    public Integer call() {
        try (GgufFile file = GgufFile.open(model)) {
            PrintWriter output = Objects.requireNonNull(spec).commandLine().getOut();
            output.print(ModelReport.of(file));
            output.flush();
            return 0;
        } catch (IOException failure) {
            throw new UserError("cannot read the model: " + Unreadable.describe(model, failure));
        }
    }
}
