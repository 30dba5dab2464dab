package dev.millrace.cli.serve;

import java.util.List;
import java.util.Map;

/// How to start a process.
///
/// @param name what it is called in the log
/// @param command the program and its arguments
/// @param environment what is added to this process's own
/// @param after the name of the process that must have said `READY` before this one is started; empty for none
record ProcessSpec(String name, List<String> command, Map<String, String> environment, String after) {
    /// Told to every process that is looked after: its standard input is a pipe that closes when the parent is gone,
    /// and
    /// it must end then.
    static final String EXIT_WITH_PARENT = "MILLRACE_EXIT_WITH_PARENT";

    ProcessSpec {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
