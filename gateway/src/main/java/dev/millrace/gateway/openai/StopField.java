package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads the strings that end an answer: one string, or an array of up to four.
final class StopField {
    private static final String WANTED = "a string or an array of 1 to 4 strings";
    private static final int MAX_STRINGS = 4;
    private static final int MAX_CHARACTERS = 4096;

    private StopField() {}

    static List<String> read(FieldReader body) {
        @Nullable JsonNode value = body.find("stop");
        if (value == null) {
            return List.of();
        }
        if (value.isString()) {
            return List.of(one(value, "stop"));
        }
        if (!value.isArray()) {
            throw FieldErrors.wrongType("stop", WANTED, value);
        }
        if (value.size() > MAX_STRINGS) {
            throw FieldErrors.wrongValue("stop", "must be " + WANTED + ", not " + value.size() + " strings");
        }
        List<String> strings = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            strings.add(one(value.get(i), "stop[" + i + "]"));
        }
        return strings;
    }

    private static String one(JsonNode value, String path) {
        String text = FieldReader.text(value, path);
        if (text.isEmpty() || text.length() > MAX_CHARACTERS) {
            throw FieldErrors.wrongValue(path, "must have 1 to " + MAX_CHARACTERS + " characters");
        }
        return text;
    }
}
