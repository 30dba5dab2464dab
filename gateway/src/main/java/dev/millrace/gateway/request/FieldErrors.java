package dev.millrace.gateway.request;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.error.ApiException;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.JsonNode;

/// Errors that name a field of the request and say what is allowed there.
public final class FieldErrors {
    private static final int SHOWN_CHARACTERS = 60;

    private FieldErrors() {}

    /// The field is not there.
    public static ApiException missing(String path, String wanted) {
        return error(path + " is missing; it must be " + wanted, path, "missing_required_parameter");
    }

    /// The field holds another type.
    public static ApiException wrongType(String path, String wanted, JsonNode found) {
        return error(path + " must be " + wanted + ", not " + describe(found), path, "invalid_type");
    }

    /// The field holds the right type and a value that is not allowed.
    public static ApiException wrongValue(String path, String wanted, JsonNode found) {
        return wrongValue(path, "must be " + wanted + ", not " + describe(found));
    }

    /// The field holds the right type and a value that is not allowed.
    ///
    /// @param problem the sentence after the field's name
    public static ApiException wrongValue(String path, String problem) {
        return error(path + " " + problem, path, "invalid_value");
    }

    /// The field asks for something that this version does not do.
    ///
    /// @param problem the sentence after the field's name
    public static ApiException unsupported(String path, String problem) {
        return error(path + " " + problem, path, "unsupported_parameter");
    }

    /// A short form of a value for a message.
    public static String describe(JsonNode value) {
        if (value.isObject()) {
            return "an object";
        }
        if (value.isArray()) {
            return value.isEmpty() ? "an empty array" : "an array";
        }
        String text = value.toString();
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
    }

    private static ApiException error(String message, String path, String code) {
        return ApiError.invalidRequest(HttpStatus.BAD_REQUEST, message, path, code)
                .exception();
    }
}
