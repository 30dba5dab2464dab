package dev.millrace.cli.bench.synth;

import dev.millrace.cli.UserError;
import dev.millrace.gguf.GgufWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `millrace bench synth`: a model file to measure with, from nothing.
@Command(
        name = "synth",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a GGUF model with random weights in the shape of a published one.",
            "It costs what the real one costs and says nothing sensible. Weights are put together from a pool of",
            "random numbers that is quantised once; the same seed gives the same file."
        })
public final class SynthCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--list", description = "Show the shapes and types, and write nothing.")
    private boolean list;

    @Option(names = "--shape", paramLabel = "SHAPE", description = "Which sizes, qwen2.5-0.5b for example; see --list.")
    private @Nullable String shape;

    @Option(names = "--type", paramLabel = "TYPE", description = "Which weight types, q4_k_m for example; see --list.")
    private @Nullable String type;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Which random weights. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--output", paramLabel = "FILE", description = "The file to write.")
    private @Nullable Path output;

    @Option(names = "--force", description = "Write over a file that is there.")
    private boolean force;

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (list) {
            out.printf("shapes: %s%ntypes:  %s%n", Shapes.names(), FileType.labels());
            out.flush();
            return 0;
        }
        Shape wantedShape = Shapes.named(given(shape, "--shape"));
        FileType wantedType = FileType.named(given(type, "--type"));
        Path file = given(output, "--output");
        if (Files.isDirectory(file)) {
            throw new UserError(file + " is a folder");
        }
        if (Files.exists(file) && !force) {
            throw new UserError(file + " is there already; --force writes over it");
        }
        long startNanos = System.nanoTime();
        GgufWriter model = SyntheticModel.of(wantedShape, wantedType, seed);
        try {
            NewFile.write(model, file);
        } catch (IOException failure) {
            throw new UserError("cannot write %s: %s".formatted(file, NewFile.describe(failure)));
        }
        out.printf(
                Locale.ROOT,
                "%s: %s %s, seed %d, %s in %.1f s%n",
                file,
                wantedShape.name(),
                wantedType.label(),
                seed,
                NewFile.readable(model.byteSize()),
                (System.nanoTime() - startNanos) / 1e9);
        out.flush();
        return 0;
    }

    private <T> T given(@Nullable T value, String option) {
        if (value == null) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "Missing required option: '" + option + "'");
        }
        return value;
    }
}
