package dev.millrace.tokenizer.model;

import dev.millrace.gguf.GgufMetadata;
import dev.millrace.tokenizer.template.ChatTemplate;
import dev.millrace.tokenizer.template.RenderedPrompt;
import dev.millrace.tokenizer.template.TemplateException;
import dev.millrace.tokenizer.template.TemplateInput;
import dev.millrace.tokenizer.vocabulary.Vocabulary;
import java.time.Clock;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Renders with the chat template of a model file.
final class TemplateRenderer implements ChatRenderer {
    private static final Logger LOG = LoggerFactory.getLogger(TemplateRenderer.class);

    private final ChatTemplate template;
    private final String beginToken;
    private final String endToken;

    private TemplateRenderer(ChatTemplate template, Vocabulary vocabulary) {
        this.template = template;
        beginToken = text(vocabulary, vocabulary.bosTokenId());
        endToken = text(vocabulary, vocabulary.eosTokenId());
    }

    /// The renderer of a model, null where it has no template. A template that is broken does not keep the model from
    /// being served; conversations are refused then, in its words.
    static @Nullable ChatRenderer of(GgufMetadata metadata, Vocabulary vocabulary) {
        try {
            ChatTemplate template = ChatTemplate.from(metadata).orElse(null);
            return template == null ? null : new TemplateRenderer(template, vocabulary);
        } catch (TemplateException e) {
            String why = "The model's chat template cannot be used: " + e.getMessage();
            LOG.warn(why);
            return input -> {
                throw new TemplateRefusal(why);
            };
        }
    }

    @Override
    public RenderedChat render(ChatInput input) {
        TemplateInput parsed = new TemplateInput(
                ChatJson.array("messages", input.messagesJson()),
                input.toolsJson().isEmpty() ? null : ChatJson.array("tools", input.toolsJson()),
                input.addGenerationPrompt(),
                ChatJson.members("variables", input.variablesJson()),
                beginToken,
                endToken,
                Clock.systemDefaultZone());
        try {
            RenderedPrompt prompt = template.render(parsed);
            return new RenderedChat(prompt.segments().stream()
                    .map(segment -> new RenderedChat.Part(segment.text(), segment.trusted()))
                    .toList());
        } catch (TemplateException e) {
            throw new TemplateRefusal(String.valueOf(e.getMessage()), e);
        }
    }

    private static String text(Vocabulary vocabulary, OptionalInt id) {
        return id.isPresent() ? vocabulary.text(id.getAsInt()) : "";
    }
}
