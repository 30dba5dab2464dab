package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// Filters that take sequences apart.
final class SequenceFilters {
    private SequenceFilters() {}

    static void register(Map<String, Filter> filters) {
        filters.put("length", SequenceFilters::length);
        filters.put("count", SequenceFilters::length);
        filters.put("first", SequenceFilters::first);
        filters.put("last", SequenceFilters::last);
        filters.put("list", (evaluation, input, arguments) -> {
            arguments.bind("list");
            return new ListValue(evaluation.list(input));
        });
        filters.put("items", SequenceFilters::items);
        filters.put("reverse", SequenceFilters::reverse);
        filters.put("batch", SequenceFilters::batch);
        filters.put("slice", SequenceFilters::slice);
        filters.put("default", SequenceFilters::orDefault);
        filters.put("d", SequenceFilters::orDefault);
        filters.put(
                "attr",
                (evaluation, input, arguments) -> Attributes.attributeOnly(
                        input, arguments.bind("attr", "name").string(0).text()));
    }

    private static Value length(Evaluation evaluation, Value input, Arguments arguments) {
        arguments.bind("length");
        Integer size = Iteration.size(input);
        if (size == null) {
            throw new TemplateException("object of type '" + input.typeName() + "' has no len()");
        }
        return IntegerValue.of(size);
    }

    private static Value first(Evaluation evaluation, Value input, Arguments arguments) {
        arguments.bind("first");
        Iterator<Value> values = evaluation.iterate(input);
        return values.hasNext() ? values.next() : new UndefinedValue("No first item, sequence was empty.");
    }

    private static Value last(Evaluation evaluation, Value input, Arguments arguments) {
        arguments.bind("last");
        Iterator<Value> values = Iteration.reversed(evaluation.meter(), input);
        if (values == null) {
            throw new TemplateException("'" + input.typeName() + "' object is not reversible");
        }
        return values.hasNext() ? values.next() : new UndefinedValue("No last item, sequence was empty.");
    }

    private static Value items(Evaluation evaluation, Value input, Arguments arguments) {
        arguments.bind("items");
        return Generators.lazy(() -> switch (input) {
            case UndefinedValue ignored -> Collections.emptyIterator();
            case DictValue dict -> evaluation.iterate(new DictView(dict, DictView.Kind.ITEMS));
            default -> throw new TemplateException("Can only get item pairs from a mapping.");
        });
    }

    private static Value reverse(Evaluation evaluation, Value input, Arguments arguments) {
        arguments.bind("reverse");
        if (input instanceof StringValue text) {
            SliceValue backwards = new SliceValue(NoneValue.NONE, NoneValue.NONE, IntegerValue.of(-1));
            return Slices.slice(evaluation.meter(), text, backwards);
        }
        Iterator<Value> values = Iteration.reversed(evaluation.meter(), input);
        if (values != null) {
            return new IteratorValue(values, "reversed");
        }
        if (Iteration.find(evaluation.meter(), input) == null) {
            throw new TemplateException("argument must be iterable");
        }
        List<Value> elements = new ArrayList<>(evaluation.list(input));
        Collections.reverse(elements);
        return new ListValue(elements);
    }

    private static Value batch(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("batch", "linecount", "fill_with");
        int count = bound.integer(0);
        Value fill = bound.notNone(1);
        return Generators.lazy(() -> new Batches(evaluation.meter(), evaluation.iterate(input), count, fill));
    }

    private static final class Batches implements Iterator<Value> {
        private final Meter meter;
        private final Iterator<Value> elements;
        private final int count;
        private final @Nullable Value fill;

        Batches(Meter meter, Iterator<Value> elements, int count, @Nullable Value fill) {
            this.meter = meter;
            this.elements = elements;
            this.count = count;
            this.fill = fill;
        }

        @Override
        public boolean hasNext() {
            return elements.hasNext();
        }

        @Override
        public Value next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            List<Value> batch = new ArrayList<>();
            while (elements.hasNext() && (batch.isEmpty() || batch.size() != count)) {
                meter.step();
                batch.add(elements.next());
            }
            for (; fill != null && batch.size() < count; batch.add(fill)) {
                meter.step();
            }
            return new ListValue(batch);
        }
    }

    private static Value slice(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("slice", "slices", "fill_with");
        int slices = bound.integer(0);
        Value fill = bound.notNone(1);
        return Generators.lazy(() -> slices(evaluation, evaluation.list(input), slices, fill));
    }

    private static Iterator<Value> slices(
            Evaluation evaluation, List<Value> elements, int slices, @Nullable Value fill) {
        if (slices == 0) {
            throw new TemplateException("integer division or modulo by zero");
        }
        evaluation.meter().steps(Math.max(0, slices) + (long) elements.size());
        int size = Math.floorDiv(elements.size(), slices);
        int longer = Math.floorMod(elements.size(), slices);
        List<Value> result = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < slices; i++) {
            int end = start + size + (i < longer ? 1 : 0);
            List<Value> part = new ArrayList<>(elements.subList(start, end));
            if (fill != null && i >= longer) {
                part.add(fill);
            }
            result.add(new ListValue(part));
            start = end;
        }
        return result.iterator();
    }

    private static Value orDefault(Evaluation evaluation, Value input, Arguments arguments) {
        Bound bound = arguments.bind("default", "default_value", "boolean");
        boolean missing = input instanceof UndefinedValue || (bound.truth(1) && !Truth.of(input));
        return missing ? bound.get(0, StringValue.EMPTY) : input;
    }
}
