package dev.millrace.tokenizer.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The variables of one entered scope. A lookup goes outwards and ends at the template's input.
final class Frame {
    private final @Nullable Frame outer;
    private final Map<String, Value> input;
    private final Map<String, Value> variables = new HashMap<>(8);

    private Frame(@Nullable Frame outer, Map<String, Value> input) {
        this.outer = outer;
        this.input = input;
    }

    static Frame root(Scope scope, Map<String, Value> input) {
        return new Frame(null, input).prepared(scope);
    }

    /// Enters `scope`, which stands inside this frame's scope.
    Frame open(Scope scope) {
        return new Frame(this, input).prepared(scope);
    }

    /// The frame of the template itself.
    Frame root() {
        Frame frame = this;
        while (frame.outer != null) {
            frame = frame.outer;
        }
        return frame;
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
        return value == null || value == UndefinedValue.MISSING ? UndefinedValue.variable(name) : value;
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
