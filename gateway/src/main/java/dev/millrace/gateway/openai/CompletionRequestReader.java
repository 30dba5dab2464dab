package dev.millrace.gateway.openai;

import dev.millrace.gateway.http.RequestIds;
import dev.millrace.gateway.request.FieldReader;
import dev.millrace.proto.v1.GenerateRequest;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Reads the body of `POST /v1/completions`.
final class CompletionRequestReader {
    /// OpenAI's default here, unlike in chat.
    private static final int DEFAULT_MAX_TOKENS = 16;

    private static final int MAX_LOGPROBS = 20;

    private CompletionRequestReader() {}

    /// @throws dev.millrace.gateway.error.ApiException with status 400
    static AnswerPlan read(ObjectNode root) {
        FieldReader body = FieldReader.of(root);
        String id = RequestIds.next(AnswerShape.COMPLETION.idPrefix());
        Long logprobs = body.integer("logprobs", 0, MAX_LOGPROBS);
        Integer maxTokens = CommonFields.tokenLimit(body, "max_tokens");
        GenerateRequest.Builder common = CommonFields.read(body, id, logprobs == null ? null : logprobs.intValue())
                .setMaxTokens(maxTokens == null ? DEFAULT_MAX_TOKENS : maxTokens);
        UnsupportedFields.checkCompletion(body, common.getChoices());
        List<GenerateRequest> prompts = PromptField.read(body).stream()
                .map(prompt -> prompt.putInto(common.clone()).build())
                .toList();
        return new AnswerPlan(
                AnswerShape.COMPLETION,
                id,
                Instant.now().getEpochSecond(),
                common.getModel(),
                body.bool("stream", false),
                CommonFields.includeUsage(body),
                logprobs != null,
                prompts);
    }
}
