package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;
import dev.millrace.gateway.request.JsonBody;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads a conversation and brings it into the form that chat templates expect: contents are plain strings, arguments
/// of tool calls are objects, and OpenAI's `developer` is what every template calls `system`.
final class MessagesField {
    private static final String ROLES = "one of system, developer, user, assistant, tool, function";

    private MessagesField() {}

    /// The conversation as a JSON array.
    ///
    /// @throws dev.millrace.gateway.error.ApiException with status 400, naming the message and field
    static String read(FieldReader body) {
        String wanted = "an array of at least one message";
        JsonNode messages = body.require("messages", wanted);
        if (!messages.isArray()) {
            throw FieldErrors.wrongType("messages", wanted, messages);
        }
        if (messages.isEmpty()) {
            throw FieldErrors.wrongValue("messages", wanted, messages);
        }
        ArrayNode result = JsonBody.object().arrayNode(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            result.add(message(FieldReader.of(messages.get(i), "messages[" + i + "]")));
        }
        return FieldReader.wellFormed(result.toString(), "messages");
    }

    private static ObjectNode message(FieldReader message) {
        String role = message.requireString("role");
        ObjectNode result = JsonBody.object();
        switch (role) {
            case "system", "developer" -> result.put("role", "system");
            case "user", "tool", "function" -> result.put("role", role);
            case "assistant" -> {
                result.put("role", role);
                copyText(message, "reasoning_content", result);
                ToolCallsField.copy(message, result);
            }
            default -> throw FieldErrors.wrongValue(message.path("role"), ROLES, message.require("role", ROLES));
        }
        copyText(message, "name", result);
        copyText(message, "tool_call_id", result);
        result.put("content", content(message, result.has("tool_calls")));
        return result;
    }

    private static void copyText(FieldReader message, String field, ObjectNode result) {
        String text = message.string(field);
        if (text != null) {
            result.put(field, text);
        }
    }

    /// A message that only calls tools has no content; templates get empty text, which they can join.
    private static String content(FieldReader message, boolean optional) {
        JsonNode content = message.find("content");
        if (content == null && optional) {
            return "";
        }
        return ContentField.text(
                content == null ? message.require("content", ContentField.WANTED) : content, message.path("content"));
    }
}
