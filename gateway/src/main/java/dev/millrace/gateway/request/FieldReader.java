package dev.millrace.gateway.request;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the fields of one JSON object with their types and ranges; a field that is `null` counts as absent.
/// Every method throws an [dev.millrace.gateway.error.ApiException] with status 400 that names the field by its path
/// from the root of the request, such as `messages[0].content`.
public final class FieldReader {
    private final ObjectNode object;
    private final String prefix;

    private FieldReader(ObjectNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    /// Reads the root of a request.
    public static FieldReader of(ObjectNode root) {
        return new FieldReader(root, "");
    }

    /// Reads a value that must be an object.
    ///
    /// @param path where the value stands in the request
    public static FieldReader of(JsonNode value, String path) {
        if (value instanceof ObjectNode object) {
            return new FieldReader(object, path + ".");
        }
        throw FieldErrors.wrongType(path, "an object", value);
    }

    /// The path of a field from the root.
    public String path(String field) {
        return prefix + field;
    }

    /// The value of a field, or null where it is absent.
    public @Nullable JsonNode find(String field) {
        JsonNode value = object.get(field);
        return value == null || value.isNull() ? null : value;
    }

    /// The value of a field that must be there.
    ///
    /// @param wanted what it must be, for the message
    public JsonNode require(String field, String wanted) {
        JsonNode value = find(field);
        if (value == null) {
            throw FieldErrors.missing(path(field), wanted);
        }
        return value;
    }

    /// A string, or null.
    public @Nullable String string(String field) {
        JsonNode value = find(field);
        return value == null ? null : text(value, path(field));
    }

    /// A string that must be there and hold at least one character.
    public String requireString(String field) {
        JsonNode value = require(field, "a string");
        String text = text(value, path(field));
        if (text.isEmpty()) {
            throw FieldErrors.wrongValue(path(field), "must not be empty");
        }
        return text;
    }

    /// True or false, or null.
    public @Nullable Boolean bool(String field) {
        JsonNode value = find(field);
        if (value == null) {
            return null;
        }
        if (!value.isBoolean()) {
            throw FieldErrors.wrongType(path(field), "true or false", value);
        }
        return value.booleanValue();
    }

    /// True or false.
    public boolean bool(String field, boolean fallback) {
        Boolean value = bool(field);
        return value == null ? fallback : value;
    }

    /// A whole number, or null.
    public @Nullable Long integer(String field, long minimum, long maximum) {
        JsonNode value = find(field);
        return value == null ? null : integer(value, path(field), minimum, maximum);
    }

    /// A number, or null.
    public @Nullable Double number(String field, NumberRange range) {
        JsonNode value = find(field);
        return value == null ? null : number(value, path(field), range);
    }

    /// An object, or null.
    public @Nullable FieldReader object(String field) {
        JsonNode value = find(field);
        return value == null ? null : of(value, path(field));
    }

    /// An array, or null.
    public @Nullable ArrayNode array(String field, String wanted) {
        JsonNode value = find(field);
        if (value == null || value instanceof ArrayNode) {
            return (ArrayNode) value;
        }
        throw FieldErrors.wrongType(path(field), wanted, value);
    }

    /// The object itself.
    public ObjectNode node() {
        return object;
    }

    /// A value that must be a whole number.
    public static long integer(JsonNode value, String path, long minimum, long maximum) {
        String wanted = "an integer from " + minimum + " to " + maximum;
        if (!value.isNumber() || !value.canConvertToExactIntegral()) {
            throw FieldErrors.wrongType(path, wanted, value);
        }
        if (!value.canConvertToLong()) {
            throw FieldErrors.wrongValue(path, wanted, value);
        }
        long number = value.asLong();
        if (number < minimum || number > maximum) {
            throw FieldErrors.wrongValue(path, wanted, value);
        }
        return number;
    }

    /// A value that must be a number.
    public static double number(JsonNode value, String path, NumberRange range) {
        if (!value.isNumber()) {
            throw FieldErrors.wrongType(path, range.toString(), value);
        }
        double number = value.doubleValue(Double.NaN);
        if (!range.contains(number)) {
            throw FieldErrors.wrongValue(path, range.toString(), value);
        }
        return number;
    }

    /// A value that must be a string of whole characters.
    public static String text(JsonNode value, String path) {
        if (!value.isString()) {
            throw FieldErrors.wrongType(path, "a string", value);
        }
        return wellFormed(value.stringValue(), path);
    }

    /// Refuses text with half a surrogate pair, which JSON escapes can hold and UTF-8 cannot.
    public static String wellFormed(String text, String path) {
        int i = 0;
        while (i < text.length()) {
            // A whole pair comes out as one code point above the surrogates.
            int character = text.codePointAt(i);
            if (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE) {
                throw FieldErrors.wrongValue(path, "holds half of a surrogate pair, which is no character");
            }
            i += Character.charCount(character);
        }
        return text;
    }
}
