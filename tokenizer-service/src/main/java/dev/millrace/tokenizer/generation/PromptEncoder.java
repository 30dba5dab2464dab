package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.Conversation;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.tokenizer.model.ChatInput;
import dev.millrace.tokenizer.model.RenderedChat;
import dev.millrace.tokenizer.model.TemplateRefusal;
import dev.millrace.tokenizer.model.TextModel;
import java.util.List;

/// Turns each form of prompt into token ids. Takes as long as the prompt is long.
final class PromptEncoder {
    private final TextModel model;

    PromptEncoder(TextModel model) {
        this.model = model;
    }

    int[] encode(GenerateRequest request) {
        return switch (request.getPromptCase()) {
            // A template writes the begin token itself where its model wants one.
            case CONVERSATION -> model.encode(render(request.getConversation()));
            case TEXT -> model.encode(request.getText(), true, false);
            case TOKEN_IDS -> checked(request.getTokenIds().getIdsList(), "prompt");
            case PROMPT_NOT_SET -> throw RequestRefusal.invalid("prompt", "The request has no prompt.");
        };
    }

    RenderedChat render(Conversation conversation) {
        if (!model.hasChatTemplate()) {
            throw RequestRefusal.invalid(
                    "messages", "The model has no chat template; give it a plain prompt instead of messages.");
        }
        try {
            return model.render(new ChatInput(
                    conversation.getMessagesJson(),
                    conversation.getToolsJson(),
                    conversation.getAddGenerationPrompt(),
                    conversation.getVariablesJson()));
        } catch (TemplateRefusal e) {
            throw RequestRefusal.invalid("messages", e.getMessage());
        }
    }

    /// Returns the ids when the vocabulary has them all.
    int[] checked(List<Integer> ids, String parameter) {
        int[] checked = new int[ids.size()];
        for (int i = 0; i < checked.length; i++) {
            checked[i] = ids.get(i);
            if (Integer.compareUnsigned(checked[i], model.vocabularySize()) >= 0) {
                throw RequestRefusal.invalid(
                        parameter,
                        "Token id " + Integer.toUnsignedString(checked[i]) + " at index " + i
                                + " is not in the vocabulary; ids go from 0 to " + (model.vocabularySize() - 1) + ".");
            }
        }
        return checked;
    }
}
