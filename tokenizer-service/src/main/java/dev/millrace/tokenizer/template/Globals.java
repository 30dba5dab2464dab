package dev.millrace.tokenizer.template;

import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// The functions that every template can call.
final class Globals {
    static final Map<String, Value> FUNCTIONS = Map.of(
            "range", function("range", Globals::range),
            "dict", function("dict", Globals::dict),
            "namespace", function("namespace", Globals::namespace),
            "cycler", function("cycler", Globals::cycler),
            "joiner", function("joiner", Globals::joiner),
            "raise_exception", function("raise_exception", Globals::raiseException),
            "strftime_now", function("strftime_now", Globals::formatNow));

    private Globals() {}

    private static Value function(String name, FunctionValue.Body body) {
        return new FunctionValue(name, body);
    }

    private static Value range(Evaluation evaluation, Arguments arguments) {
        Bound bound = arguments.bindPositional("range", 3);
        long first = integer(bound.get(0));
        if (bound.find(1) == null) {
            return RangeValue.of(0, first, 1);
        }
        return RangeValue.of(first, integer(bound.get(1)), integer(bound.get(2, IntegerValue.of(1))));
    }

    private static long integer(Value value) {
        BigInteger integer = Arithmetic.integer(value);
        if (integer == null) {
            throw value instanceof UndefinedValue undefined
                    ? undefined.failure()
                    : new TemplateException("'" + value.typeName() + "' object cannot be interpreted as an integer");
        }
        if (integer.bitLength() > 48) {
            throw new TemplateException("range() beyond 48-bit integers");
        }
        return integer.longValue();
    }

    private static Value dict(Evaluation evaluation, Arguments arguments) {
        if (arguments.positional().size() > 1) {
            throw new TemplateException("dict expected at most 1 argument");
        }
        DictValue dict = new DictValue();
        for (Value source : arguments.positional()) {
            addAll(evaluation, dict, source);
        }
        arguments.named().forEach((name, value) -> dict.put(StringValue.trusted(name), value));
        return dict;
    }

    private static void addAll(Evaluation evaluation, DictValue dict, Value source) {
        Value pairs = source instanceof DictValue other ? new DictView(other, DictView.Kind.ITEMS) : source;
        for (Iterator<Value> all = evaluation.iterate(pairs); all.hasNext(); ) {
            List<Value> pair = evaluation.list(all.next());
            if (pair.size() != 2) {
                throw new TemplateException(
                        "dictionary update sequence element has length " + pair.size() + "; 2 is required");
            }
            dict.put(evaluation.meter(), pair.get(0), pair.get(1));
        }
    }

    private static Value namespace(Evaluation evaluation, Arguments arguments) {
        NamespaceValue namespace = new NamespaceValue();
        if (dict(evaluation, arguments) instanceof DictValue attributes) {
            for (DictValue.Entry entry : attributes.entries()) {
                namespace.set(evaluation.text(entry.key()).text(), entry.value());
            }
        }
        return namespace;
    }

    private static Value cycler(Evaluation evaluation, Arguments arguments) {
        if (arguments.positional().isEmpty() || !arguments.named().isEmpty()) {
            throw new TemplateException("cycler() takes one or more items");
        }
        return new CyclerValue(arguments.positional());
    }

    private static Value joiner(Evaluation evaluation, Arguments arguments) {
        return new JoinerValue(arguments.bind("joiner", "sep").get(0, StringValue.trusted(", ")));
    }

    private static Value raiseException(Evaluation evaluation, Arguments arguments) {
        Value message = arguments.bind("raise_exception", "message").get(0);
        throw new TemplateRefusal(evaluation.text(message).text());
    }

    private static Value formatNow(Evaluation evaluation, Arguments arguments) {
        StringValue format = arguments.bind("strftime_now", "format").string(0);
        return format.derive(Strftime.format(format.text(), evaluation.clock()));
    }
}
