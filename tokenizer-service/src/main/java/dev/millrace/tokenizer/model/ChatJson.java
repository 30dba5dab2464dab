package dev.millrace.tokenizer.model;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads the JSON parts of a conversation; a broken one is refused by its name.
final class ChatJson {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private ChatJson() {}

    static JsonNode array(String name, String json) {
        JsonNode node = read(name, json);
        if (!node.isArray()) {
            throw new TemplateRefusal(name + " is not a JSON array");
        }
        return node;
    }

    /// The members of an object; empty text has none.
    static Map<String, JsonNode> members(String name, String json) {
        Map<String, JsonNode> members = new LinkedHashMap<>();
        if (!json.isEmpty()) {
            JsonNode node = read(name, json);
            if (!node.isObject()) {
                throw new TemplateRefusal(name + " is not a JSON object");
            }
            node.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
        }
        return members;
    }

    private static JsonNode read(String name, String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new TemplateRefusal(name + " is not well-formed JSON: " + e.getOriginalMessage(), e);
        }
    }
}
