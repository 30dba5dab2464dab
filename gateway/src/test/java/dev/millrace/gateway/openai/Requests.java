package dev.millrace.gateway.openai;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.gateway.error.ApiException;
import dev.millrace.gateway.request.JsonBody;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads requests that tests write down in short.
final class Requests {
    private static final String USER = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    private Requests() {}

    /// A chat request with a user's message and the given fields.
    static AnswerPlan chat(String fields) {
        return chatBody("{\"model\":\"m\"," + USER + (fields.isEmpty() ? "" : "," + fields) + "}");
    }

    static AnswerPlan chatBody(String body) {
        return ChatRequestReader.read(JsonBody.parse(body.getBytes(StandardCharsets.UTF_8)));
    }

    /// A plain completion with the given fields.
    static AnswerPlan completion(String fields) {
        return completionBody("{\"model\":\"m\"" + (fields.isEmpty() ? "" : "," + fields) + "}");
    }

    static AnswerPlan completionBody(String body) {
        return CompletionRequestReader.read(JsonBody.parse(body.getBytes(StandardCharsets.UTF_8)));
    }

    /// The error of a request that must be refused.
    static ApiError refused(Runnable reading) {
        List<ApiError> errors = new ArrayList<>();
        assertThatThrownBy(reading::run)
                .isInstanceOfSatisfying(ApiException.class, refused -> errors.add(refused.error()));
        return errors.getFirst();
    }
}
