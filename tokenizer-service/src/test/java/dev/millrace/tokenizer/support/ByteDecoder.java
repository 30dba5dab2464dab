package dev.millrace.tokenizer.support;

import dev.millrace.tokenizer.text.TokenDecoder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Decodes byte tokens of well-formed UTF-8, a character at a time.
final class ByteDecoder implements TokenDecoder {
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private int missing;

    @Override
    public String add(int tokenId) {
        if (tokenId > 255) {
            return "";
        }
        missing = pending.size() == 0 ? following(tokenId) : missing - 1;
        pending.write(tokenId);
        return missing == 0 ? take() : "";
    }

    @Override
    public boolean pending() {
        return pending.size() > 0;
    }

    @Override
    public String finish() {
        return pending() ? take() : "";
    }

    private String take() {
        String text = pending.toString(StandardCharsets.UTF_8);
        pending.reset();
        return text;
    }

    private static int following(int first) {
        return first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    }
}
