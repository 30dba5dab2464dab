package dev.millrace.gateway.request;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.error.ApiException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpStatus;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Turns the bytes of a request into a JSON object, or says why they are none.
public final class JsonBody {
    /// Deeper than any tool schema that people write.
    private static final int MAX_NESTING = 128;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            // The body limit bounds strings already.
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonBody() {}

    /// Parses a body in UTF-8 that must hold one JSON object and nothing else.
    ///
    /// @throws ApiException with status 400
    public static ObjectNode parse(byte[] body) {
        if (body.length == 0) {
            throw invalid("the body is empty; a JSON object is expected");
        }
        JsonNode root = read(decode(body), "the body");
        if (root instanceof ObjectNode object) {
            return object;
        }
        throw invalid("the body must be a JSON object, not " + FieldErrors.describe(root));
    }

    /// Parses text that is JSON inside a string of a request.
    ///
    /// @return the value, or a missing node where the text is no JSON
    public static JsonNode parseOrMissing(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JacksonException notJson) {
            return MAPPER.missingNode();
        }
    }

    /// An empty object to fill.
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    private static JsonNode read(String text, String what) {
        try {
            return MAPPER.readTree(text);
        } catch (JacksonException wrong) {
            TokenStreamLocation place = wrong.getLocation();
            String where = place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr();
            throw invalid(what + " is not valid JSON" + where + ": " + wrong.getOriginalMessage());
        }
    }

    private static String decode(byte[] body) {
        try {
            // Jackson's own decoder lets overlong forms and encoded surrogates pass.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(body))
                    .toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException malformed) {
            throw invalid("the body is not valid UTF-8");
        }
    }

    private static ApiException invalid(String message) {
        return ApiError.invalidRequest(HttpStatus.BAD_REQUEST, message, null, "invalid_json")
                .exception();
    }
}
