package dev.millrace.tokenizer.tool;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.gguf.GgufException;
import dev.millrace.gguf.GgufFile;
import dev.millrace.tokenizer.vocabulary.Tokenizer;
import dev.millrace.tokenizer.vocabulary.VocabularyException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Shows what a tokenizer makes of texts: one JSON string a line comes in, one line of ids goes out. Needs only the
/// vocabulary of a model file, and nothing of Spring, so that it is there at once.
@Command(
        name = "tokenize",
        description = "Reads one JSON string a line and writes its token ids, separated by spaces, one line for each.")
public final class TokenizeTool implements Callable<Integer> {
    private final InputStream input;
    private final OutputStream output;
    private final PrintStream errors;

    @Parameters(paramLabel = "MODEL", description = "A GGUF file; one that holds only a vocabulary will do.")
    private Path model = Path.of("");

    @Option(names = "--add-special", description = "Add what the model wants at the beginning and end of a text.")
    private boolean addSpecial;

    @Option(names = "--parse-special", description = "Take special tokens written in a text, <|im_start|>, as such.")
    private boolean parseSpecial;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    TokenizeTool(InputStream input, OutputStream output, PrintStream errors) {
        this.input = input;
        this.output = new BufferedOutputStream(output, 1 << 16);
        this.errors = errors;
    }

    public static void main(String[] arguments) {
        System.exit(run(new TokenizeTool(System.in, System.out, new PrintStream(System.err, true, UTF_8)), arguments));
    }

    /// The exit status: 0, 1 after an error in the model or the input, 2 for wrong arguments.
    static int run(TokenizeTool tool, String... arguments) {
        return new CommandLine(tool)
                .setParameterExceptionHandler((exception, given) -> {
                    tool.errors.println("error: " + exception.getMessage());
                    return CommandLine.ExitCode.USAGE;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() {
        try {
            tokenize(load());
            return CommandLine.ExitCode.OK;
        } catch (GgufException | JsonStringLines.InvalidLineException e) {
            errors.println("error: " + e.getMessage());
        } catch (VocabularyException e) {
            errors.println("error: " + model + ": " + e.getMessage());
        } catch (NoSuchFileException e) {
            errors.println("error: " + model + ": there is no such file");
        } catch (AccessDeniedException e) {
            errors.println("error: " + model + ": reading it is not allowed");
        } catch (IOException e) {
            errors.println("error: " + e.getMessage());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private Tokenizer load() throws IOException {
        try (GgufFile file = GgufFile.open(model)) {
            return Tokenizer.from(file.metadata(), warning -> errors.println("warning: " + model + ": " + warning));
        }
    }

    private void tokenize(Tokenizer tokenizer) throws IOException, JsonStringLines.InvalidLineException {
        JsonStringLines lines = new JsonStringLines(input);
        try {
            String text = lines.next();
            while (text != null) {
                output.write(line(tokenizer.encode(text, addSpecial, parseSpecial)));
                if (lines.pauses()) {
                    output.flush();
                }
                text = lines.next();
            }
        } finally {
            output.flush();
        }
    }

    private static byte[] line(int[] ids) {
        StringBuilder line = new StringBuilder(ids.length * 6 + 1);
        for (int id : ids) {
            if (!line.isEmpty()) {
                line.append(' ');
            }
            line.append(id);
        }
        return line.append('\n').toString().getBytes(US_ASCII);
    }
}
