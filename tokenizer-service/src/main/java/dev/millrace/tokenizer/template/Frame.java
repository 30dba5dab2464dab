package dev.millrace.tokenizer.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The variables of one entered scope. A lookup goes outwards and ends at the template's input.
final class Frame {
    private final @Nullable Frame outer;
    private final Map<String, Value> input;
    /// Of a named block: the frame of the whole template.
    private final @Nullable Frame template;
    private final Map<String, Value> variables = new HashMap<>(8);

    private Frame(@Nullable Frame outer, Map<String, Value> input, @Nullable Frame template) {
        this.outer = outer;
        this.input = input;
        this.template = template;
    }

    static Frame root(Scope scope, Map<String, Value> input) {
        return new Frame(null, input, null).prepared(scope);
    }

    /// Enters `scope`, which stands inside this frame's scope.
    Frame open(Scope scope) {
        return new Frame(this, input, null).prepared(scope);
    }

    /// Enters the scope of a named block, which sees only what the template itself has set so far.
    Frame openBlock(Scope scope) {
        Frame root = this;
        while (root.outer != null) {
            root = root.outer;
        }
        return new Frame(null, input, root.template == null ? root : root.template).prepared(scope);
    }

    private Frame prepared(Scope scope) {
        for (String name : scope.inherited()) {
            variables.put(name, outer == null ? findInput(name) : outer.find(name));
        }
        for (String name : scope.undefined()) {
            variables.put(name, UndefinedValue.MISSING);
        }
        return this;
    }

    /// The value of a name, or undefined.
    Value get(String name) {
        Value value = find(name);
        return UndefinedValue.isMissing(value) ? UndefinedValue.variable(name) : value;
    }

    private Value find(String name) {
        Frame frame = this;
        while (true) {
            Value value = frame.variables.get(name);
            if (value != null) {
                return value;
            }
            if (frame.outer == null) {
                return frame.findInput(name);
            }
            frame = frame.outer;
        }
    }

    private Value findInput(String name) {
        Value set = template == null ? null : template.variables.get(name);
        if (set != null && !UndefinedValue.isMissing(set)) {
            return set;
        }
        return input.getOrDefault(name, UndefinedValue.MISSING);
    }

    void set(String name, Value value) {
        variables.put(name, value);
    }
}
