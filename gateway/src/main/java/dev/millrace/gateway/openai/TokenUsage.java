package dev.millrace.gateway.openai;

import dev.millrace.proto.v1.GenerationFinished;
import java.util.Arrays;

/// Counts the tokens of an answer; a prompt counts once, however many choices it has.
final class TokenUsage {
    private static final int UNKNOWN = -1;

    private final int[] cachedByPrompt;
    private long promptTokens;
    private long completionTokens;

    TokenUsage(int prompts) {
        cachedByPrompt = new int[prompts];
        Arrays.fill(cachedByPrompt, UNKNOWN);
    }

    void started(int tokens) {
        promptTokens += tokens;
    }

    /// Later choices of a prompt find what the first one computed: the smallest number is what was cached before.
    void finished(int prompt, GenerationFinished choice) {
        completionTokens += choice.getCompletionTokens();
        int cached = choice.getCachedPromptTokens();
        if (cachedByPrompt[prompt] == UNKNOWN || cached < cachedByPrompt[prompt]) {
            cachedByPrompt[prompt] = cached;
        }
    }

    void appendTo(StringBuilder out) {
        long cached = 0;
        for (int tokens : cachedByPrompt) {
            cached += Math.max(0, tokens);
        }
        out.append("{\"prompt_tokens\":").append(promptTokens);
        out.append(",\"completion_tokens\":").append(completionTokens);
        out.append(",\"total_tokens\":").append(promptTokens + completionTokens);
        out.append(",\"prompt_tokens_details\":{\"cached_tokens\":")
                .append(cached)
                .append("}}");
    }
}
