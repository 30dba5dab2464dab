package dev.millrace.cli.serve;

import java.util.ArrayList;
import java.util.List;

/// A terminal sends Ctrl-C and its own end to every process in it at once. The processes of a cluster are to ignore
/// both:
/// they are stopped in order, by whoever started them.
final class Detached {
    private Detached() {}

    /// Ignored signals stay ignored in the program that the shell becomes.
    static List<String> command(List<String> command) {
        List<String> detached = new ArrayList<>(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
        detached.addAll(command);
        return detached;
    }
}
