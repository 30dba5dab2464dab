package dev.millrace.cli.serve;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;

/// One log of many processes: whole lines, each with the name of whose it is.
final class ClusterLog {
    private static final String OWN_NAME = "millrace";
    private static final int[] COLOURS = {36, 33, 32, 35, 34, 96, 93, 92, 95, 94};
    /// The JVM says so at each start of a process that uses the Vector API.
    private static final String INCUBATOR_NOTICE = "WARNING: Using incubator modules: jdk.incubator.vector";

    private final PrintStream output;
    private final PrintStream errors;
    private final boolean coloured;
    private final int width;
    private final Map<String, Integer> colours = new HashMap<>();

    /// `width` is that of the longest name.
    ClusterLog(PrintStream output, PrintStream errors, boolean coloured, int width) {
        this.output = output;
        this.errors = errors;
        this.coloured = coloured;
        this.width = Math.max(width, OWN_NAME.length());
    }

    /// A line that the supervisor itself has to say.
    void own(String line) {
        output(OWN_NAME, line);
    }

    void output(String name, String line) {
        print(output, name, line);
    }

    void error(String name, String line) {
        if (!line.equals(INCUBATOR_NOTICE)) {
            print(errors, name, line);
        }
    }

    private synchronized void print(PrintStream stream, String name, String line) {
        String padded = name + " ".repeat(Math.max(0, width - name.length())) + " | ";
        if (coloured) {
            int colour = colours.computeIfAbsent(name, fresh -> COLOURS[colours.size() % COLOURS.length]);
            padded = "\u001B[" + colour + "m" + padded + "\u001B[0m";
        }
        stream.println(padded + line);
        stream.flush();
    }
}
