package dev.millrace.tokenizer.template;

import dev.millrace.gguf.GgufMetadata;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A model's chat template, which turns a conversation into a prompt. Thread-safe.
public final class ChatTemplate {
    private static final String KEY = "tokenizer.chat_template";
    private static final String TOOL_USE_KEY = KEY + ".tool_use";

    private final CompiledTemplate standard;
    private final @Nullable CompiledTemplate toolUse;

    private ChatTemplate(CompiledTemplate standard, @Nullable CompiledTemplate toolUse) {
        this.standard = standard;
        this.toolUse = toolUse;
    }

    /// Reads a template's source; a {@link TemplateException} says what is wrong with it and where.
    public static ChatTemplate compile(String source) {
        return compile(source, TemplateLimits.DEFAULT);
    }

    public static ChatTemplate compile(String source, TemplateLimits limits) {
        return new ChatTemplate(CompiledTemplate.of(source, limits), null);
    }

    /// The template in a model's metadata, with its variant for tools where there is one.
    public static Optional<ChatTemplate> from(GgufMetadata metadata) {
        if (!metadata.contains(KEY)) {
            return Optional.empty();
        }
        CompiledTemplate standard = CompiledTemplate.of(metadata.string(KEY), TemplateLimits.DEFAULT);
        CompiledTemplate toolUse = metadata.contains(TOOL_USE_KEY)
                ? CompiledTemplate.of(metadata.string(TOOL_USE_KEY), TemplateLimits.DEFAULT)
                : null;
        return Optional.of(new ChatTemplate(standard, toolUse));
    }

    /// Renders a conversation. A {@link TemplateRefusal} is the template's own word that it does not accept it; any
    /// other {@link TemplateException} is a failure of the template with this input.
    public RenderedPrompt render(TemplateInput input) {
        CompiledTemplate template = toolUse != null && input.hasTools() ? toolUse : standard;
        return new RenderedPrompt(template.render(variables(input), input.clock()));
    }

    private static Map<String, Value> variables(TemplateInput input) {
        Map<String, Value> variables = new HashMap<>();
        input.variables().forEach((name, value) -> variables.put(name, JsonValues.of(value)));
        variables.put("messages", JsonValues.of(input.messages()));
        variables.put("add_generation_prompt", BooleanValue.of(input.addGenerationPrompt()));
        variables.put("bos_token", StringValue.trusted(input.bosToken()));
        variables.put("eos_token", StringValue.trusted(input.eosToken()));
        if (input.hasTools() && input.tools() != null) {
            variables.put("tools", JsonValues.of(input.tools()));
        }
        return variables;
    }
}
