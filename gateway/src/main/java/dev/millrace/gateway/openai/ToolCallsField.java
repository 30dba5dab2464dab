package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;
import dev.millrace.gateway.request.JsonBody;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the tool calls of an earlier answer.
final class ToolCallsField {
    private ToolCallsField() {}

    static void copy(FieldReader message, ObjectNode result) {
        ArrayNode calls = message.array("tool_calls", "an array of tool calls");
        if (calls == null || calls.isEmpty()) {
            return;
        }
        ArrayNode copies = result.putArray("tool_calls");
        for (int i = 0; i < calls.size(); i++) {
            copies.add(call(FieldReader.of(calls.get(i), message.path("tool_calls[" + i + "]"))));
        }
    }

    private static ObjectNode call(FieldReader call) {
        String type = call.string("type");
        if (type != null && !type.equals("function")) {
            throw FieldErrors.wrongValue(call.path("type"), "function", call.require("type", "function"));
        }
        FieldReader function =
                FieldReader.of(call.require("function", "an object with name and arguments"), call.path("function"));
        ObjectNode result = JsonBody.object();
        String id = call.string("id");
        if (id != null) {
            result.put("id", id);
        }
        result.put("type", "function");
        ObjectNode copy = result.putObject("function");
        copy.put("name", function.requireString("name"));
        copy.set("arguments", arguments(function));
        return result;
    }

    /// Templates print arguments as JSON themselves; a string would be quoted twice.
    private static JsonNode arguments(FieldReader function) {
        JsonNode given = function.find("arguments");
        if (given == null) {
            return JsonBody.object();
        }
        if (given.isObject()) {
            return given;
        }
        JsonNode parsed = JsonBody.parseOrMissing(FieldReader.text(given, function.path("arguments")));
        return parsed.isObject() ? parsed : given;
    }
}
