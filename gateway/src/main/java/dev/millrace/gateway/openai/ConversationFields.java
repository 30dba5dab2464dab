package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldReader;
import dev.millrace.proto.v1.Conversation;

/// Reads everything that a chat template turns into a prompt.
public final class ConversationFields {
    private ConversationFields() {}

    /// The conversation of a chat request.
    ///
    /// @throws dev.millrace.gateway.error.ApiException with status 400
    public static Conversation read(FieldReader body) {
        return Conversation.newBuilder()
                .setMessagesJson(MessagesField.read(body))
                .setToolsJson(ToolsField.read(body))
                .setAddGenerationPrompt(body.bool("add_generation_prompt", true))
                .setVariablesJson(TemplateVariables.read(body))
                .build();
    }
}
