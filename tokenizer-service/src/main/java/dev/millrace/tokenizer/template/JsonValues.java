package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Turns JSON from outside into values; nothing in them is trusted.
final class JsonValues {
    private static final int MAXIMUM_DEPTH = 200;

    private JsonValues() {}

    static Value of(JsonNode node) {
        return of(node, 0);
    }

    private static Value of(JsonNode node, int depth) {
        if (depth > MAXIMUM_DEPTH) {
            throw new TemplateException("the input of the chat template nests deeper than " + MAXIMUM_DEPTH);
        }
        return switch (node.getNodeType()) {
            case STRING -> StringValue.of(node.stringValue(), false);
            case BOOLEAN -> BooleanValue.of(node.booleanValue());
            case NUMBER ->
                node.isIntegralNumber()
                        ? IntegerValue.of(node.bigIntegerValue(), false)
                        : new FloatValue(node.asDouble(), false);
            case ARRAY -> {
                List<Value> elements = new ArrayList<>(node.size());
                for (JsonNode element : node.values()) {
                    elements.add(of(element, depth + 1));
                }
                yield new ListValue(elements);
            }
            case OBJECT -> {
                DictValue dict = new DictValue();
                for (Map.Entry<String, JsonNode> property : node.properties()) {
                    dict.put(StringValue.of(property.getKey(), false), of(property.getValue(), depth + 1));
                }
                yield dict;
            }
            default -> NoneValue.NONE;
        };
    }
}
