package dev.millrace.gateway.openai;

import dev.millrace.gateway.request.FieldReader;
import dev.millrace.gateway.request.JsonBody;
import tools.jackson.databind.node.ObjectNode;

/// Reads what a request hands to the chat template beside the conversation.
final class TemplateVariables {
    private TemplateVariables() {}

    /// A JSON object of variables, or empty text.
    ///
    /// @throws dev.millrace.gateway.error.ApiException with status 400
    static String read(FieldReader body) {
        ObjectNode variables = JsonBody.object();
        FieldReader given = body.object("chat_template_kwargs");
        if (given != null) {
            variables.setAll(given.node());
        }
        Boolean thinking = body.bool("enable_thinking");
        if (thinking != null) {
            variables.put("enable_thinking", thinking);
        }
        String effort = body.string("reasoning_effort");
        if (effort != null) {
            variables.put("reasoning_effort", effort);
        }
        return variables.isEmpty() ? "" : FieldReader.wellFormed(variables.toString(), "chat_template_kwargs");
    }
}
