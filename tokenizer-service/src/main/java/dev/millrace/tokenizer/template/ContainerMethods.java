package dev.millrace.tokenizer.template;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The methods of dictionaries, lists and tuples that change nothing.
final class ContainerMethods {
    private ContainerMethods() {}

    static @Nullable Value bind(DictValue dict, String name) {
        return switch (name) {
            case "get" -> new FunctionValue(name, (evaluation, arguments) -> get(evaluation, dict, arguments));
            case "keys" -> view(name, dict, DictView.Kind.KEYS);
            case "values" -> view(name, dict, DictView.Kind.VALUES);
            case "items" -> view(name, dict, DictView.Kind.ITEMS);
            case "copy" -> copy(dict);
            default -> null;
        };
    }

    static @Nullable Value bind(SequenceValue sequence, String name) {
        return switch (name) {
            case "count" -> new FunctionValue(name, (evaluation, arguments) -> count(evaluation, sequence, arguments));
            case "index" -> new FunctionValue(name, (evaluation, arguments) -> index(evaluation, sequence, arguments));
            case "copy" -> sequence instanceof ListValue ? copy(sequence) : null;
            case "start" -> sequence instanceof RangeValue range ? IntegerValue.of(range.start()) : null;
            case "stop" -> sequence instanceof RangeValue range ? IntegerValue.of(range.stop()) : null;
            case "step" -> sequence instanceof RangeValue range ? IntegerValue.of(range.step()) : null;
            default -> null;
        };
    }

    private static Value view(String name, DictValue dict, DictView.Kind kind) {
        return new FunctionValue(name, (evaluation, arguments) -> {
            arguments.bindPositional(name, 0);
            return new DictView(dict, kind);
        });
    }

    /// Nothing can change a container, so its copy is itself.
    private static Value copy(Value value) {
        return new FunctionValue("copy", (evaluation, arguments) -> {
            arguments.bindPositional("copy", 0);
            return value;
        });
    }

    private static Value get(Evaluation evaluation, DictValue dict, Arguments arguments) {
        Bound bound = arguments.bindPositional("get", 2);
        HashKeys.of(evaluation.meter(), bound.get(0));
        Value value = dict.get(evaluation.meter(), bound.get(0));
        return value == null ? bound.get(1, NoneValue.NONE) : value;
    }

    private static Value count(Evaluation evaluation, SequenceValue sequence, Arguments arguments) {
        Value wanted = arguments.bindPositional("count", 1).get(0);
        long count = 0;
        for (Iterator<Value> elements = evaluation.iterate(sequence); elements.hasNext(); ) {
            count += evaluation.equal(elements.next(), wanted) ? 1 : 0;
        }
        return IntegerValue.of(count);
    }

    private static Value index(Evaluation evaluation, SequenceValue sequence, Arguments arguments) {
        Bound bound = arguments.bindPositional("index", 3);
        List<Value> elements = evaluation.list(sequence);
        int start = fit(bound.integer(1, 0), elements.size());
        int end = fit(bound.integer(2, elements.size()), elements.size());
        for (int i = start; i < end; i++) {
            if (evaluation.equal(elements.get(i), bound.get(0))) {
                return IntegerValue.of(i);
            }
        }
        throw new TemplateException(sequence.typeName() + ".index(x): x not in " + sequence.typeName());
    }

    private static int fit(int index, int size) {
        return Math.clamp(index < 0 ? index + (long) size : index, 0, size);
    }
}
