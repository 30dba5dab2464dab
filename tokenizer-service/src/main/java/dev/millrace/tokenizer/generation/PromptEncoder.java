package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.Conversation;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.TokenIds;
import dev.millrace.tokenizer.model.ChatInput;
import dev.millrace.tokenizer.model.RenderedChat;
import dev.millrace.tokenizer.model.TemplateRefusal;
import dev.millrace.tokenizer.model.TextModel;

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
            case TOKEN_IDS -> checked(request.getTokenIds());
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

    private int[] checked(TokenIds tokenIds) {
        int[] ids = new int[tokenIds.getIdsCount()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = checked(tokenIds.getIds(i), i, "prompt");
        }
        return ids;
    }

    /// Returns the id when the vocabulary has it.
    int checked(int id, int place, String parameter) {
        if (Integer.compareUnsigned(id, model.vocabularySize()) >= 0) {
            throw RequestRefusal.invalid(
                    parameter,
                    "Token id " + Integer.toUnsignedString(id) + " at index " + place
                            + " is not in the vocabulary; ids go from 0 to " + (model.vocabularySize() - 1) + ".");
        }
        return id;
    }
}
