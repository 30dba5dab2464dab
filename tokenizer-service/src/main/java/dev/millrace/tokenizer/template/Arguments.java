package dev.millrace.tokenizer.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The values given to a call.
record Arguments(List<Value> positional, Map<String, Value> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(Value... positional) {
        return new Arguments(List.of(positional), Map.of());
    }

    boolean isEmpty() {
        return positional.isEmpty() && named.isEmpty();
    }

    /// The same without the first positional ones.
    Arguments withoutFirst(int count) {
        return new Arguments(positional.subList(Math.min(count, positional.size()), positional.size()), named);
    }

    Arguments with(String name, Value value) {
        Map<String, Value> more = new LinkedHashMap<>(named);
        more.put(name, value);
        return new Arguments(positional, more);
    }

    /// Matches the arguments with a function's parameters; too many, unknown or double ones fail.
    Bound bind(String function, String... parameters) {
        if (positional.size() > parameters.length) {
            throw new TemplateException(function + "() takes at most " + parameters.length + " arguments ("
                    + positional.size() + " given)");
        }
        Bound bound = new Bound(function, parameters);
        for (int i = 0; i < positional.size(); i++) {
            bound.set(i, positional.get(i));
        }
        named.forEach(bound::set);
        return bound;
    }

    /// Matches the arguments of a function that takes no names, as most of Python's built-in methods.
    Bound bindPositional(String function, int maximum) {
        if (!named.isEmpty()) {
            throw new TemplateException(function + "() takes no keyword arguments");
        }
        String[] parameters = new String[maximum];
        for (int i = 0; i < maximum; i++) {
            parameters[i] = Integer.toString(i + 1);
        }
        return bind(function, parameters);
    }
}
