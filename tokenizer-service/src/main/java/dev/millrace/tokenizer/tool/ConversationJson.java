package dev.millrace.tokenizer.tool;

import dev.millrace.tokenizer.template.TemplateInput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads a conversation from JSON.
final class ConversationJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ConversationJson() {}

    /// JSON that is no conversation.
    static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidException(String message) {
            super(message);
        }
    }

    /// Reads messages, or an object that holds them. Members of the object that have no meaning here are variables.
    static TemplateInput read(InputStream input, @Nullable Path tools, String variables)
            throws IOException, InvalidException {
        JsonNode conversation = parse("the input", input);
        Map<String, JsonNode> named = new HashMap<>();
        JsonNode messages = conversation;
        JsonNode definitions = null;
        boolean generation = true;
        if (conversation.isObject()) {
            conversation.properties().forEach(member -> named.put(member.getKey(), member.getValue()));
            messages = named.remove("messages");
            definitions = named.remove("tools");
            JsonNode prompt = named.remove("add_generation_prompt");
            if (prompt != null && !prompt.isBoolean()) {
                throw new InvalidException("add_generation_prompt is not true or false");
            }
            generation = prompt == null || prompt.booleanValue();
        }
        if (messages == null || !messages.isArray()) {
            throw new InvalidException("the input is neither a JSON array of messages nor an object that has one");
        }
        if (tools != null) {
            try (InputStream file = Files.newInputStream(tools)) {
                definitions = parse(tools.toString(), file);
            }
        }
        if (definitions != null && !definitions.isNull() && !definitions.isArray()) {
            throw new InvalidException("the tools are not a JSON array");
        }
        JsonNode more = parse("--variables", new ByteArrayInputStream(variables.getBytes(StandardCharsets.UTF_8)));
        if (!more.isObject()) {
            throw new InvalidException("--variables is not a JSON object");
        }
        more.properties().forEach(member -> named.put(member.getKey(), member.getValue()));
        return TemplateInput.of(messages)
                .withTools(definitions)
                .withGenerationPrompt(generation)
                .withVariables(named);
    }

    private static JsonNode parse(String name, InputStream json) throws InvalidException {
        try {
            JsonNode node = MAPPER.readTree(json);
            if (node.isMissingNode()) {
                throw new InvalidException(name + " is empty");
            }
            return node;
        } catch (JacksonException e) {
            // Jackson repeats in brackets where it found what.
            String why = e.getOriginalMessage().replaceAll(" \\(start marker.*", "");
            throw new InvalidException(name + " is not well-formed JSON: " + why + " (line "
                    + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr() + ")");
        }
    }
}
