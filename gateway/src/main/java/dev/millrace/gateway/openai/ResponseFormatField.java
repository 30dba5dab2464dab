package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;

/// Checks that an answer is wanted as plain text.
final class ResponseFormatField {
    private static final String TYPES = "one of text, json_object, json_schema";

    private ResponseFormatField() {}

    static void check(FieldReader body) {
        FieldReader format = body.object("response_format");
        if (format == null) {
            return;
        }
        String type = format.requireString("type");
        switch (type) {
            case "text" -> {}
            case "json_object", "json_schema" ->
                throw FieldErrors.unsupported(
                        "response_format", "of type " + type + " is not supported by this version; use text");
            default -> throw FieldErrors.wrongValue(format.path("type"), TYPES, format.require("type", TYPES));
        }
    }
}
