package dev.millrace.tokenizer.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.gguf.GgufException;
import dev.millrace.gguf.GgufFile;
import dev.millrace.gguf.GgufMetadata;
import dev.millrace.tokenizer.template.ChatTemplate;
import dev.millrace.tokenizer.template.TemplateException;
import dev.millrace.tokenizer.template.TemplateInput;
import dev.millrace.tokenizer.vocabulary.Tokenizer;
import dev.millrace.tokenizer.vocabulary.Vocabulary;
import dev.millrace.tokenizer.vocabulary.VocabularyException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Shows what a model's chat template makes of a conversation: messages as JSON come in, the prompt's text goes out,
/// without a line break of its own.
@Command(
        name = "template",
        description =
                "Reads messages, a JSON array, or an object with messages, tools, add_generation_prompt and further"
                        + " variables, and writes the prompt that the model's chat template makes of them.")
public final class TemplateTool implements Callable<Integer> {
    private final InputStream input;
    private final OutputStream output;
    private final PrintStream errors;

    @Parameters(paramLabel = "MODEL", description = "A GGUF file; one that holds only a vocabulary will do.")
    private Path model = Path.of("");

    @Option(names = "--no-generation-prompt", description = "Do not open the assistant's answer.")
    private boolean noGenerationPrompt;

    @Option(names = "--tools", paramLabel = "FILE", description = "A JSON array of tool definitions.")
    private @Nullable Path tools;

    @Option(
            names = "--variables",
            paramLabel = "JSON",
            description = "Further variables of the template, such as '{\"enable_thinking\": false}'.")
    private String variables = "{}";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    TemplateTool(InputStream input, OutputStream output, PrintStream errors) {
        this.input = input;
        this.output = output;
        this.errors = errors;
    }

    public static void main(String[] arguments) {
        System.exit(run(new TemplateTool(System.in, System.out, new PrintStream(System.err, true, UTF_8)), arguments));
    }

    /// The exit status: 0, 1 after an error in the model or the input, 2 for wrong arguments.
    static int run(TemplateTool tool, String... arguments) {
        return new CommandLine(tool)
                .setParameterExceptionHandler((exception, given) -> {
                    tool.errors.println("error: " + exception.getMessage());
                    return CommandLine.ExitCode.USAGE;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() {
        try (GgufFile file = GgufFile.open(model)) {
            ChatTemplate template = ChatTemplate.from(file.metadata()).orElse(null);
            if (template == null) {
                return fail(model + ": the model has no chat template");
            }
            TemplateInput conversation = withTokens(ConversationJson.read(input, tools, variables), file.metadata());
            if (noGenerationPrompt) {
                conversation = conversation.withGenerationPrompt(false);
            }
            output.write(template.render(conversation).text().getBytes(UTF_8));
            output.flush();
            return CommandLine.ExitCode.OK;
        } catch (GgufException | TemplateException | ConversationJson.InvalidException e) {
            return fail(String.valueOf(e.getMessage()));
        } catch (NoSuchFileException e) {
            return fail(e.getMessage() + ": there is no such file");
        } catch (AccessDeniedException e) {
            return fail(e.getMessage() + ": reading it is not allowed");
        } catch (IOException e) {
            return fail(String.valueOf(e.getMessage()));
        }
    }

    private int fail(String why) {
        errors.println("error: " + why.replaceAll("\\s*\\R\\s*", " "));
        return CommandLine.ExitCode.SOFTWARE;
    }

    /// A template can be looked at though the vocabulary cannot be used; only its tokens are missing then.
    private TemplateInput withTokens(TemplateInput conversation, GgufMetadata metadata) {
        try {
            Vocabulary vocabulary = Tokenizer.from(metadata, ignored -> {}).vocabulary();
            return conversation.withTokens(
                    text(vocabulary, vocabulary.bosTokenId()), text(vocabulary, vocabulary.eosTokenId()));
        } catch (VocabularyException | GgufException e) {
            errors.println("warning: " + model + ": bos_token and eos_token are empty: " + e.getMessage());
            return conversation;
        }
    }

    private static String text(Vocabulary vocabulary, OptionalInt id) {
        return id.isPresent() ? vocabulary.text(id.getAsInt()) : "";
    }
}
