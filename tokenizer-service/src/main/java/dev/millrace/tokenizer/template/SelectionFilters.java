package dev.millrace.tokenizer.template;

import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// `map`, `select`, `reject` and their like: they do nothing before their elements are asked for.
final class SelectionFilters {
    private SelectionFilters() {}

    static void register(Map<String, Filter> filters) {
        filters.put("map", SelectionFilters::map);
        filters.put("select", (evaluation, input, arguments) -> select(evaluation, input, arguments, false, true));
        filters.put("reject", (evaluation, input, arguments) -> select(evaluation, input, arguments, false, false));
        filters.put("selectattr", (evaluation, input, arguments) -> select(evaluation, input, arguments, true, true));
        filters.put("rejectattr", (evaluation, input, arguments) -> select(evaluation, input, arguments, true, false));
    }

    /// The elements; none where the input is false in any way, such as None.
    private static Supplier<Iterator<Value>> elements(Evaluation evaluation, Value input) {
        return () -> Truth.of(input) ? evaluation.iterate(input) : Collections.emptyIterator();
    }

    private static Value map(Evaluation evaluation, Value input, Arguments arguments) {
        UnaryOperator<Value> mapping = mapping(evaluation, arguments);
        return Generators.map(elements(evaluation, input), mapping);
    }

    private static UnaryOperator<Value> mapping(Evaluation evaluation, Arguments arguments) {
        Value attribute = arguments.named().get("attribute");
        if (arguments.positional().isEmpty() && attribute != null) {
            Map<String, Value> others = new LinkedHashMap<>(arguments.named());
            others.remove("attribute");
            Value fallback = others.remove("default");
            AttributePath path =
                    AttributePath.of(evaluation, attribute).orElse(fallback == NoneValue.NONE ? null : fallback);
            return element -> {
                if (!others.isEmpty()) {
                    throw new TemplateException("Unexpected keyword argument '"
                            + others.keySet().iterator().next() + "'");
                }
                return path.of(element);
            };
        }
        return element -> {
            if (arguments.positional().isEmpty()) {
                throw new TemplateException("map requires a filter argument");
            }
            String name = evaluation.text(arguments.positional().getFirst()).text();
            return evaluation.filter(name, element, arguments.withoutFirst(1));
        };
    }

    private static Value select(
            Evaluation evaluation, Value input, Arguments arguments, boolean byAttribute, boolean selected) {
        List<Value> positional = arguments.positional();
        if (byAttribute && positional.isEmpty()) {
            return Generators.lazy(() -> {
                throw new TemplateException("Missing parameter for attribute name");
            });
        }
        AttributePath path = AttributePath.of(evaluation, byAttribute ? positional.getFirst() : null);
        int nameAt = byAttribute ? 1 : 0;
        Predicate<Value> test = Truth::of;
        if (positional.size() > nameAt) {
            String name = evaluation.text(positional.get(nameAt)).text();
            Arguments rest = arguments.withoutFirst(nameAt + 1);
            test = value -> evaluation.test(name, value, rest);
        }
        Predicate<Value> chosen = test;
        return Generators.filter(elements(evaluation, input), element -> chosen.test(path.of(element)) == selected);
    }
}
