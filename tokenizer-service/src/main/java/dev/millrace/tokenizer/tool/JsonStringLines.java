package dev.millrace.tokenizer.tool;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Reads one JSON string a line, each as soon as it is there.
final class JsonStringLines {
    private final InputStream input;
    private final JsonFactory json = new JsonFactory();
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private int line;

    JsonStringLines(InputStream input) {
        this.input = input;
    }

    /// The next string, or null at the end of the input.
    ///
    /// @throws InvalidLineException for a line that is not one JSON string
    @Nullable
    String next() throws IOException, InvalidLineException {
        byte[] bytes = nextLine();
        if (bytes == null) {
            return null;
        }
        line++;
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), bytes)) {
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw new InvalidLineException("line %d: a JSON string is needed".formatted(line));
            }
            String text = parser.getString();
            if (parser.nextToken() != null) {
                throw new InvalidLineException("line %d: there is more than one JSON string".formatted(line));
            }
            return text;
        } catch (JacksonException e) {
            String reason = e.getOriginalMessage().lines().findFirst().orElse("");
            throw new InvalidLineException("line %d: not a JSON string: %s".formatted(line, reason));
        }
    }

    /// Whether the next line would have to be waited for.
    boolean pauses() throws IOException {
        return position == limit && input.available() == 0;
    }

    /// Without the line feed; null at the end.
    private byte @Nullable [] nextLine() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean any = false;
        while (position < limit || fill()) {
            any = true;
            int start = position;
            while (position < limit && buffer[position] != '\n') {
                position++;
            }
            bytes.write(buffer, start, position - start);
            if (position < limit) {
                position++;
                return bytes.toByteArray();
            }
        }
        return any ? bytes.toByteArray() : null;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, input.read(buffer));
        return limit > 0;
    }

    /// A line that is not as it must be; the message says which and why.
    static final class InvalidLineException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidLineException(String message) {
            super(message);
        }
    }
}
