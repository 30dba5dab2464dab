package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Filters that order, group and compare elements.
final class OrderFilters {
    private OrderFilters() {}

    static void register(Map<String, Filter> filters) {
        filters.put("sort", OrderFilters::sort);
        filters.put("dictsort", OrderFilters::sortDict);
        filters.put("unique", OrderFilters::unique);
        filters.put("groupby", OrderFilters::groupBy);
        filters.put("min", (evaluation, input, arguments) -> extreme(evaluation, input, arguments, "min", -1));
        filters.put("max", (evaluation, input, arguments) -> extreme(evaluation, input, arguments, "max", 1));
    }

    /// An element with what it is ordered by.
    private record Keyed(Value key, Value element) {}

    private static List<Keyed> sorted(
            Evaluation evaluation, List<Value> elements, Function<Value, Value> keyOf, boolean reverse) {
        List<Keyed> keyed = new ArrayList<>(elements.size());
        for (Value element : elements) {
            keyed.add(new Keyed(keyOf.apply(element), element));
        }
        Comparator<Keyed> order = (left, right) -> Comparison.compare(evaluation.meter(), left.key(), right.key(), "<");
        try {
            keyed.sort(reverse ? Collections.reverseOrder(order) : order);
        } catch (IllegalArgumentException inconsistent) {
            throw new TemplateException("the elements have no consistent order");
        }
        return keyed;
    }

    private static ListValue elements(List<Keyed> keyed) {
        return new ListValue(keyed.stream().map(Keyed::element).toList());
    }

    private static Value sort(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("sort", "reverse", "case_sensitive", "attribute");
        List<AttributePath> paths = AttributePath.several(evaluation, bound.notNone(2), !bound.truth(1));
        Function<Value, Value> keyOf = element ->
                new ListValue(paths.stream().map(path -> path.of(element)).toList());
        return elements(sorted(evaluation, evaluation.list(input), keyOf, bound.truth(0)));
    }

    private static Value sortDict(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("dictsort", "case_sensitive", "by", "reverse");
        String by = bound.string(1, StringValue.trusted("key")).text();
        if (!by.equals("key") && !by.equals("value")) {
            throw new TemplateException("You can only sort by either \"key\" or \"value\"");
        }
        if (input instanceof UndefinedValue undefined) {
            throw undefined.failure();
        }
        if (!(input instanceof DictValue dict)) {
            throw new TemplateException("dictsort needs a mapping, not " + input.typeName());
        }
        AttributePath path = AttributePath.of(evaluation, IntegerValue.of(by.equals("key") ? 0 : 1))
                .ignoringCase(!bound.truth(0));
        List<Value> items = evaluation.list(new DictView(dict, DictView.Kind.ITEMS));
        return elements(sorted(evaluation, items, path::of, bound.truth(2)));
    }

    private static Value unique(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("unique", "case_sensitive", "attribute");
        AttributePath path = path(evaluation, bound, 1, 0);
        Set<Object> seen = new HashSet<>();
        return Generators.filter(
                () -> evaluation.iterate(input),
                element -> seen.add(HashKeys.of(evaluation.meter(), path.of(element))));
    }

    private static AttributePath path(Evaluation evaluation, Bound bound, int attribute, int caseSensitive) {
        return AttributePath.of(evaluation, bound.notNone(attribute)).ignoringCase(!bound.truth(caseSensitive));
    }

    private static Value groupBy(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("groupby", "attribute", "default", "case_sensitive");
        AttributePath exact = AttributePath.of(evaluation, bound.get(0)).orElse(bound.notNone(1));
        AttributePath path = exact.ignoringCase(!bound.truth(2));
        List<Value> groups = new ArrayList<>();
        List<Value> group = new ArrayList<>();
        Value groupKey = null;
        for (Keyed keyed : sorted(evaluation, evaluation.list(input), path::of, false)) {
            if (groupKey != null && !evaluation.equal(groupKey, keyed.key())) {
                groups.add(group(exact, group));
                group = new ArrayList<>();
            }
            groupKey = keyed.key();
            group.add(keyed.element());
        }
        if (!group.isEmpty()) {
            groups.add(group(exact, group));
        }
        return new ListValue(groups);
    }

    private static Value group(AttributePath path, List<Value> elements) {
        Value grouper = path.of(elements.getFirst());
        return new TupleValue(List.of(grouper, new ListValue(elements)), List.of("grouper", "list"));
    }

    /// The first smallest or largest element; `sign` is -1 or 1.
    private static Value extreme(Evaluation evaluation, Value input, Arguments arguments, String function, int sign) {
        Bound bound = arguments.bind(function, "case_sensitive", "attribute");
        AttributePath path = path(evaluation, bound, 1, 0);
        String operator = sign < 0 ? "<" : ">";
        Keyed best = null;
        for (Iterator<Value> values = evaluation.iterate(input); values.hasNext(); ) {
            Value value = values.next();
            Keyed next = new Keyed(path.of(value), value);
            if (best == null || isBetter(evaluation, next.key(), best.key(), operator, sign)) {
                best = next;
            }
        }
        return orUndefined(best);
    }

    private static boolean isBetter(Evaluation evaluation, Value key, Value than, String operator, int sign) {
        return Comparison.compare(evaluation.meter(), key, than, operator) * sign > 0;
    }

    private static Value orUndefined(@Nullable Keyed best) {
        return best == null ? new UndefinedValue("No aggregated item, sequence was empty.") : best.element();
    }
}
