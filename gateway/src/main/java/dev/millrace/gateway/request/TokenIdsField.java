package dev.millrace.gateway.request;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Reads an array of token ids.
public final class TokenIdsField {
    private TokenIdsField() {}

    /// The ids in order.
    ///
    /// @param path where the array stands in the request
    /// @throws dev.millrace.gateway.error.ApiException with status 400, naming the first entry that is no id
    public static List<Integer> read(JsonNode value, String path) {
        if (!value.isArray()) {
            throw FieldErrors.wrongType(path, "an array of token ids", value);
        }
        List<Integer> ids = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            ids.add((int) FieldReader.integer(value.get(i), path + "[" + i + "]", 0, Integer.MAX_VALUE));
        }
        return ids;
    }
}
