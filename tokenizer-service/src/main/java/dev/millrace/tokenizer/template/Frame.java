package dev.millrace.tokenizer.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The variables of one entered scope. A lookup goes outwards and ends at the template's input.
final class Frame {
    private final @Nullable Frame outer;
    private final Map<String, Value> input;
    private final boolean isTemplate;
    private final Map<String, Value> variables = new HashMap<>(8);

    private Frame(@Nullable Frame outer, Map<String, Value> input, boolean isTemplate) {
        this.outer = outer;
        this.input = input;
        this.isTemplate = isTemplate;
    }

    static Frame root(Scope scope, Map<String, Value> input) {
        return new Frame(null, input, true).prepared(scope);
    }

    /// Enters `scope`, which stands inside this frame's scope.
    Frame open(Scope scope) {
        return new Frame(this, input, false).prepared(scope);
    }

    /// Enters the scope of a named block, which sees only what the template itself has set so far.
    Frame openBlock(Scope scope) {
        Frame root = this;
        while (root.outer != null) {
            root = root.outer;
        }
        Map<String, Value> visible = new HashMap<>(input);
        if (root.isTemplate) {
            root.variables.forEach((name, value) -> {
                if (!UndefinedValue.isMissing(value)) {
                    visible.put(name, value);
                }
            });
        }
        return new Frame(null, visible, false).prepared(scope);
    }

    private Frame prepared(Scope scope) {
        for (String name : scope.inherited()) {
            Value outside = outer == null ? input.get(name) : outer.find(name);
            variables.put(name, outside == null ? UndefinedValue.MISSING : outside);
        }
        for (String name : scope.undefined()) {
            variables.put(name, UndefinedValue.MISSING);
        }
        return this;
    }

    /// The value of a name, or undefined.
    Value get(String name) {
        Value value = find(name);
        return value == null || UndefinedValue.isMissing(value) ? UndefinedValue.variable(name) : value;
    }

    private @Nullable Value find(String name) {
        for (Frame frame = this; frame != null; frame = frame.outer) {
            Value value = frame.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return input.get(name);
    }

    void set(String name, Value value) {
        variables.put(name, value);
    }
}
