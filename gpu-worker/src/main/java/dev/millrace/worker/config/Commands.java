package dev.millrace.worker.config;

import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// How processes of the worker take their command line: `--help`, and errors in one line.
final class Commands {

    private static final int INTERNAL_ERROR = 1;
    private static final int USER_ERROR = 2;

    private Commands() {}

    /// Runs `command` and gives the code that the process is to exit with.
    static int execute(Object command, String... arguments) {
        CommandLine commandLine = new CommandLine(command);
        addHelp(commandLine);
        commandLine.setParameterExceptionHandler((error, given) -> {
            System.err.println("error: " + error.getMessage());
            return USER_ERROR;
        });
        commandLine.setExecutionExceptionHandler((error, line, result) -> {
            System.err.println("error: " + (error instanceof StartException ? error.getMessage() : error));
            return error instanceof StartException ? USER_ERROR : INTERNAL_ERROR;
        });
        try {
            return commandLine.execute(arguments);
        } catch (Throwable e) { // Without an exit, threads of servers would keep the process alive.
            System.err.println("error: " + e);
            return INTERNAL_ERROR;
        }
    }

    private static void addHelp(CommandLine commandLine) {
        commandLine
                .getCommandSpec()
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Shows this help.")
                        .build());
        commandLine.getSubcommands().values().forEach(Commands::addHelp);
    }
}
