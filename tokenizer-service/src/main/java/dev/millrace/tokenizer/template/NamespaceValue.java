package dev.millrace.tokenizer.template;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What `namespace(...)` makes: the one value whose attributes a template can set.
final class NamespaceValue implements Value {
    private final Map<String, Value> attributes = new LinkedHashMap<>();

    @Nullable
    Value get(String name) {
        return attributes.get(name);
    }

    void set(String name, Value value) {
        attributes.put(name, value);
    }

    Map<String, Value> attributes() {
        return attributes;
    }

    @Override
    public String typeName() {
        return "Namespace";
    }
}
