package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Reads the content of a message: a string, or parts of text, which are joined by line breaks.
final class ContentField {
    static final String WANTED = "a string or an array of text parts";

    private ContentField() {}

    static String text(JsonNode content, String path) {
        if (content.isString()) {
            return content.stringValue();
        }
        if (!content.isArray()) {
            throw FieldErrors.wrongType(path, WANTED, content);
        }
        List<String> texts = new ArrayList<>(content.size());
        for (int i = 0; i < content.size(); i++) {
            texts.add(part(FieldReader.of(content.get(i), path + "[" + i + "]")));
        }
        return String.join("\n", texts);
    }

    private static String part(FieldReader part) {
        String type = part.requireString("type");
        return switch (type) {
            case "text" -> FieldReader.text(part.require("text", "a string"), part.path("text"));
            case "refusal" -> FieldReader.text(part.require("refusal", "a string"), part.path("refusal"));
            case "image_url", "input_audio", "file" ->
                throw FieldErrors.unsupported(part.path("type"), "is " + type + ", but the models here read text only");
            default -> throw FieldErrors.wrongValue(part.path("type"), "text", part.require("type", "text"));
        };
    }
}
