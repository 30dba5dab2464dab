package dev.millrace.cli;

/// Whether a person is on the other side. The launcher looks, since asking from here costs start-up time.
public final class Terminal {
    private Terminal() {}

    /// True where standard input is typed.
    public static boolean typesInput() {
        return Boolean.getBoolean("millrace.terminal.input");
    }

    /// True where standard output is read by a person who has not asked for plain text.
    public static boolean showsColour() {
        return Boolean.getBoolean("millrace.terminal.output")
                && System.getenv("NO_COLOR") == null
                && !"dumb".equals(System.getenv("TERM"));
    }
}
