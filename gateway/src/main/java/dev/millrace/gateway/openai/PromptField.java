package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;
import dev.millrace.gateway.request.TokenIdsField;
import dev.millrace.proto.v1.TokenIds;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Reads `prompt`: text, an array of texts, an array of token ids, or an array of such arrays.
final class PromptField {
    private static final String WANTED = "a string, an array of strings, an array of token ids or an array of those";
    private static final int MAX_PROMPTS = 128;

    private PromptField() {}

    static List<Prompt> read(FieldReader body) {
        JsonNode value = body.require("prompt", WANTED);
        if (value.isString()) {
            return List.of(text(value, "prompt"));
        }
        if (!value.isArray()) {
            throw FieldErrors.wrongType("prompt", WANTED, value);
        }
        if (value.isEmpty()) {
            throw FieldErrors.wrongValue("prompt", WANTED, value);
        }
        if (value.get(0).isNumber()) {
            return List.of(ids(value, "prompt"));
        }
        if (value.size() > MAX_PROMPTS) {
            throw FieldErrors.wrongValue("prompt", "may hold at most " + MAX_PROMPTS + " prompts");
        }
        List<Prompt> prompts = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            prompts.add(one(value.get(i), "prompt[" + i + "]"));
        }
        return prompts;
    }

    private static Prompt one(JsonNode value, String path) {
        if (value.isString()) {
            return text(value, path);
        }
        if (!value.isArray()) {
            throw FieldErrors.wrongType(path, "a string or an array of token ids", value);
        }
        return ids(value, path);
    }

    private static Prompt text(JsonNode value, String path) {
        return new Prompt.Text(FieldReader.text(value, path));
    }

    private static Prompt ids(JsonNode value, String path) {
        if (value.isEmpty()) {
            throw FieldErrors.wrongValue(path, "must hold at least one token id");
        }
        return new Prompt.Ids(
                TokenIds.newBuilder().addAllIds(TokenIdsField.read(value, path)).build());
    }
}
