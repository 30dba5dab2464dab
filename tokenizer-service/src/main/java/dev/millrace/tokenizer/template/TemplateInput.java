package dev.millrace.tokenizer.template;

import java.time.Clock;
import java.time.ZoneId;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What a chat template renders.
///
/// @param messages a JSON array of objects with `role` and `content`
/// @param tools a JSON array of tool definitions, or null where the conversation has none; `tools` is then undefined
/// @param addGenerationPrompt whether the prompt opens the assistant's answer
/// @param variables further variables by name, such as `enable_thinking`; they never replace the ones above
/// @param bosToken text of the token that begins a sequence, or empty; trusted
/// @param eosToken text of the token that ends a sequence, or empty; trusted
/// @param clock what `strftime_now` reads
public record TemplateInput(
        JsonNode messages,
        @Nullable JsonNode tools,
        boolean addGenerationPrompt,
        Map<String, JsonNode> variables,
        String bosToken,
        String eosToken,
        Clock clock) {
    public TemplateInput {
        variables = Map.copyOf(variables);
    }

    /// A conversation alone, with a generation prompt and the system's clock.
    public static TemplateInput of(JsonNode messages) {
        return new TemplateInput(messages, null, true, Map.of(), "", "", Clock.system(ZoneId.systemDefault()));
    }

    public TemplateInput withTools(@Nullable JsonNode tools) {
        return new TemplateInput(messages, tools, addGenerationPrompt, variables, bosToken, eosToken, clock);
    }

    public TemplateInput withGenerationPrompt(boolean addGenerationPrompt) {
        return new TemplateInput(messages, tools, addGenerationPrompt, variables, bosToken, eosToken, clock);
    }

    public TemplateInput withVariables(Map<String, JsonNode> variables) {
        return new TemplateInput(messages, tools, addGenerationPrompt, variables, bosToken, eosToken, clock);
    }

    public TemplateInput withTokens(String bosToken, String eosToken) {
        return new TemplateInput(messages, tools, addGenerationPrompt, variables, bosToken, eosToken, clock);
    }

    public TemplateInput withClock(Clock clock) {
        return new TemplateInput(messages, tools, addGenerationPrompt, variables, bosToken, eosToken, clock);
    }

    /// Whether there is at least one tool.
    public boolean hasTools() {
        return tools != null && tools.isArray() && !tools.isEmpty();
    }
}
