package dev.millrace.cli;

import dev.millrace.cli.bench.BenchCommand;
import dev.millrace.cli.chat.ChatCommand;
import dev.millrace.cli.inspect.InspectCommand;
import dev.millrace.cli.serve.ServeCommand;
import dev.millrace.cli.tool.DevicesCommand;
import dev.millrace.cli.tool.TemplateCommand;
import dev.millrace.cli.tool.TokenizeCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// The commands there are.
@Command(
        name = "millrace",
        mixinStandardHelpOptions = true,
        versionProvider = MillraceCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Serves GGUF language models from a row of worker processes.",
        subcommands = {
            ServeCommand.class,
            ChatCommand.class,
            DevicesCommand.class,
            InspectCommand.class,
            TokenizeCommand.class,
            TemplateCommand.class,
            BenchCommand.class
        })
final class MillraceCommand {
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = MillraceCommand.class.getPackage().getImplementationVersion();
            return new String[] {"millrace " + (version == null ? "(not packaged)" : version)};
        }
    }
}
