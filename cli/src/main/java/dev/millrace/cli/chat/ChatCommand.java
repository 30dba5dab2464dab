package dev.millrace.cli.chat;

import dev.millrace.cli.Terminal;
import dev.millrace.cli.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.Charset;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `millrace chat`: a conversation in the terminal.
@Command(
        name = "chat",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Talks with a running server; a line is a question, Ctrl-D ends.")
public final class ChatCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--url", paramLabel = "URL", description = "Where the server listens.")
    private URI url = URI.create("http://127.0.0.1:8080");

    @Option(names = "--model", paramLabel = "ID", description = "The model's id; the first one served otherwise.")
    private @Nullable String model;

    @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told before the first question.")
    private @Nullable String system;

    @Option(names = "--temperature", paramLabel = "N", description = "0 always takes the likeliest token.")
    private @Nullable Double temperature;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Where an answer is cut.")
    private @Nullable Integer maxTokens;

    @Override
    public Integer call() throws InterruptedException {
        if (url.getHost() == null || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
            throw new UserError("--url is '%s'; it must look like http://127.0.0.1:8080".formatted(url));
        }
        CommandSpec command = Objects.requireNonNull(spec);
        try (ChatServer server = new ChatServer(url)) {
            ChatSettings settings =
                    new ChatSettings(url, model == null ? server.firstModel() : model, temperature, maxTokens);
            boolean typed = Terminal.typesInput();
            Conversation conversation = new Conversation(
                    server,
                    settings,
                    command.commandLine().getOut(),
                    command.commandLine().getErr(),
                    typed ? "> " : "");
            if (system != null) {
                conversation.system(system);
            }
            if (typed) {
                command.commandLine().getOut().printf("%s at %s; Ctrl-D ends.%n%n", settings.model(), url);
            }
            return conversation.hold(new BufferedReader(new InputStreamReader(System.in, inputCharset()))) ? 0 : 1;
        } catch (IOException failure) {
            throw new UserError("cannot read the questions: " + failure.getMessage());
        }
    }

    private static Charset inputCharset() {
        return Charset.forName(System.getProperty("stdin.encoding", "UTF-8"));
    }
}
