package dev.millrace.cli.chat;

import java.io.BufferedReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads the data of server-sent events, one event after another; comments and other fields are passed over.
final class ServerSentEvents {
    private final BufferedReader lines;

    ServerSentEvents(BufferedReader lines) {
        this.lines = lines;
    }

    /// The data of the next event, its lines joined by line feeds; null at the end of the stream. An event that the
    /// stream
    /// ends in is not one.
    @Nullable
    String next() throws IOException {
        @Nullable StringBuilder data = null;
        for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isEmpty() && data != null) {
                return data.toString();
            }
            if (line.equals("data") || line.startsWith("data:")) {
                data = data == null ? new StringBuilder() : data.append('\n');
                data.append(value(line));
            }
        }
        return null;
    }

    private static String value(String line) {
        String value = line.substring(Math.min(line.length(), "data:".length()));
        return value.startsWith(" ") ? value.substring(1) : value;
    }
}
