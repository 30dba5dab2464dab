package dev.millrace.gateway.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/// Appends JSON values to text that is built by hand where a tree for each token would cost too much.
public final class JsonText {
    private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();

    private JsonText() {}

    /// Appends a string in quotes.
    public static void quote(StringBuilder out, CharSequence text) {
        out.append('"');
        ENCODER.quoteAsString(text, out);
        out.append('"');
    }

    /// Appends a string in quotes, or `null`.
    public static void quoteOrNull(StringBuilder out, @Nullable CharSequence text) {
        if (text == null) {
            out.append("null");
        } else {
            quote(out, text);
        }
    }
}
