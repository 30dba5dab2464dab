package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;
import tools.jackson.databind.JsonNode;

/// Refuses known fields whose values would change the answer in a way that this version cannot; unknown fields are
/// none of its business.
final class UnsupportedFields {
    private UnsupportedFields() {}

    static void checkChat(FieldReader body) {
        checkModalities(body);
        refuseIfPresent(body, "audio", "the models here write text only");
        refuseIfPresent(body, "web_search_options", "there is no web search");
        refuseIfFilled(body, "functions", "use tools");
        JsonNode call = body.find("function_call");
        if (call != null && !(call.isString() && call.stringValue().matches("none|auto"))) {
            throw FieldErrors.unsupported("function_call", "must be none or auto: this version cannot force a call");
        }
    }

    static void checkCompletion(FieldReader body, long choices) {
        if (body.bool("echo", false)) {
            throw FieldErrors.unsupported("echo", "must be false: this version does not repeat the prompt");
        }
        String suffix = body.string("suffix");
        if (suffix != null && !suffix.isEmpty()) {
            throw FieldErrors.unsupported("suffix", "must be empty: this version does not fill gaps");
        }
        Long bestOf = body.integer("best_of", 1, Integer.MAX_VALUE);
        if (bestOf != null && bestOf != choices) {
            throw FieldErrors.unsupported("best_of", "must equal n: this version returns every choice that it makes");
        }
    }

    private static void checkModalities(FieldReader body) {
        JsonNode modalities = body.array("modalities", "an array with text in it");
        if (modalities == null) {
            return;
        }
        for (JsonNode modality : modalities) {
            if (!modality.isString() || !modality.stringValue().equals("text")) {
                throw FieldErrors.unsupported("modalities", "may hold text only: the models here write nothing else");
            }
        }
    }

    private static void refuseIfPresent(FieldReader body, String field, String why) {
        if (body.find(field) != null) {
            throw FieldErrors.unsupported(field, "is not supported: " + why);
        }
    }

    private static void refuseIfFilled(FieldReader body, String field, String why) {
        JsonNode value = body.find(field);
        if (value != null && !value.isEmpty()) {
            throw FieldErrors.unsupported(field, "is not supported: " + why);
        }
    }
}
