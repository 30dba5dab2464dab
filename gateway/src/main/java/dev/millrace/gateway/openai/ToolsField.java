package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// Reads the tools that a model may call. They are shown to the model by its template; forcing a call is not possible
/// in this version.
final class ToolsField {
    private static final int MAX_TOOLS = 128;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,64}");
    private static final String CHOICES = "none, auto, required or an object that names a function";

    private ToolsField() {}

    /// The tools to show to the model as a JSON array, or empty text.
    ///
    /// @throws dev.millrace.gateway.error.ApiException with status 400
    static String read(FieldReader body) {
        ArrayNode tools = body.array("tools", "an array of tools");
        Set<String> names = tools == null ? Set.of() : names(tools);
        boolean shown = mayCall(body, names);
        return tools == null || tools.isEmpty() || !shown ? "" : FieldReader.wellFormed(tools.toString(), "tools");
    }

    private static Set<String> names(ArrayNode tools) {
        if (tools.size() > MAX_TOOLS) {
            throw FieldErrors.wrongValue("tools", "may have at most " + MAX_TOOLS + " entries");
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < tools.size(); i++) {
            FieldReader tool = FieldReader.of(tools.get(i), "tools[" + i + "]");
            if (!tool.requireString("type").equals("function")) {
                throw FieldErrors.wrongValue(tool.path("type"), "function", tool.require("type", "function"));
            }
            FieldReader function =
                    FieldReader.of(tool.require("function", "an object with a name"), tool.path("function"));
            String name = function.requireString("name");
            if (!NAME.matcher(name).matches()) {
                throw FieldErrors.wrongValue(
                        function.path("name"), "must have 1 to 64 letters, digits, dots, dashes and underscores");
            }
            function.string("description");
            function.object("parameters");
            names.add(name);
        }
        return names;
    }

    private static boolean mayCall(FieldReader body, Set<String> names) {
        JsonNode choice = body.find("tool_choice");
        if (choice == null) {
            return true;
        }
        if (choice.isString()) {
            return switch (choice.stringValue()) {
                case "none" -> false;
                case "auto" -> true;
                case "required" -> {
                    if (names.isEmpty()) {
                        throw FieldErrors.wrongValue("tool_choice", "is required, but there are no tools");
                    }
                    throw forced();
                }
                default -> throw FieldErrors.wrongValue("tool_choice", CHOICES, choice);
            };
        }
        if (!choice.isObject()) {
            throw FieldErrors.wrongType("tool_choice", CHOICES, choice);
        }
        FieldReader named = FieldReader.of(choice, "tool_choice");
        if (!named.requireString("type").equals("function")) {
            throw FieldErrors.wrongValue("tool_choice.type", "function", named.require("type", "function"));
        }
        FieldReader function =
                FieldReader.of(named.require("function", "an object with a name"), "tool_choice.function");
        String name = function.requireString("name");
        if (!names.contains(name)) {
            throw FieldErrors.wrongValue(
                    "tool_choice.function.name", "must be the name of one of the tools, not \"" + name + "\"");
        }
        throw forced();
    }

    private static RuntimeException forced() {
        return FieldErrors.unsupported("tool_choice", "must be none or auto: this version cannot force a tool call");
    }
}
