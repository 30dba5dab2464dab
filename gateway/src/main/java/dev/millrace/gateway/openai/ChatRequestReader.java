package dev.millrace.gateway.openai;

import dev.millrace.gateway.http.RequestIds;
import dev.millrace.gateway.request.FieldErrors;
import dev.millrace.gateway.request.FieldReader;
import dev.millrace.proto.v1.GenerateRequest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Reads the body of `POST /v1/chat/completions`.
final class ChatRequestReader {
    private static final int MAX_TOP_LOGPROBS = 20;

    private ChatRequestReader() {}

    /// @throws dev.millrace.gateway.error.ApiException with status 400
    static AnswerPlan read(ObjectNode root) {
        FieldReader body = FieldReader.of(root);
        String id = RequestIds.next(AnswerShape.CHAT.idPrefix());
        UnsupportedFields.checkChat(body);
        ResponseFormatField.check(body);
        Integer logprobs = logprobs(body);
        GenerateRequest request = CommonFields.read(body, id, logprobs)
                .setMaxTokens(maxTokens(body))
                .setConversation(ConversationFields.read(body))
                .build();
        return new AnswerPlan(
                AnswerShape.CHAT,
                id,
                Instant.now().getEpochSecond(),
                request.getModel(),
                body.bool("stream", false),
                CommonFields.includeUsage(body),
                logprobs != null,
                List.of(request));
    }

    /// The newer name wins; without either an answer may be as long as the context allows, which is 0.
    private static int maxTokens(FieldReader body) {
        Integer older = CommonFields.tokenLimit(body, "max_tokens");
        Integer newer = CommonFields.tokenLimit(body, "max_completion_tokens");
        return newer != null ? newer : older != null ? older : 0;
    }

    private static @Nullable Integer logprobs(FieldReader body) {
        boolean wanted = body.bool("logprobs", false);
        Long alternatives = body.integer("top_logprobs", 0, MAX_TOP_LOGPROBS);
        if (!wanted) {
            if (alternatives != null && alternatives > 0) {
                throw FieldErrors.wrongValue("top_logprobs", "needs logprobs to be true");
            }
            return null;
        }
        return alternatives == null ? 0 : alternatives.intValue();
    }
}
