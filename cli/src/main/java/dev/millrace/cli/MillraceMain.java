package dev.millrace.cli;

import dev.millrace.gguf.GgufException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;

/// The process behind `millrace`: exit code 0 is success, 1 an error of any kind, 2 a command line that makes no sense.
public final class MillraceMain {
    private MillraceMain() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new MillraceCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(executionErrors())
                .setParameterExceptionHandler(parameterErrors());
    }

    private static IExecutionExceptionHandler executionErrors() {
        return (failure, command, parsed) -> {
            command.getErr().println("error: " + describe(failure));
            return CommandLine.ExitCode.SOFTWARE;
        };
    }

    private static String describe(Exception failure) {
        if (failure instanceof UserError || failure instanceof GgufException) {
            return String.valueOf(failure.getMessage());
        }
        return "unexpected: " + failure;
    }

    private static IParameterExceptionHandler parameterErrors() {
        return (failure, arguments) -> {
            CommandLine command = failure.getCommandLine();
            PrintWriter errors = command.getErr();
            errors.println("error: %s; `%s --help` shows what there is"
                    .formatted(failure.getMessage(), command.getCommandSpec().qualifiedName()));
            return CommandLine.ExitCode.USAGE;
        };
    }
}
