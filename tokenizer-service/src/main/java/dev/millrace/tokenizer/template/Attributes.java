package dev.millrace.tokenizer.template;

import java.math.BigInteger;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `owner.name` and `owner[key]`, as jinja2's immutable sandbox looks them up.
final class Attributes {
    /// Methods that would change a list or dictionary; the sandbox gives undefined instead.
    private static final Set<String> LIST_MUTATORS =
            Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");

    private static final Set<String> DICT_MUTATORS = Set.of("clear", "pop", "popitem", "setdefault", "update");

    private Attributes() {}

    /// `owner.name`: the attribute, else the item, else undefined.
    static Value attribute(Value owner, String name) {
        Value member = member(owner, name);
        if (member != null) {
            return member;
        }
        Value item = owner instanceof DictValue dict ? dict.get(name) : null;
        return item == null ? UndefinedValue.attribute(owner, name) : item;
    }

    /// `owner[key]`: the item, else the attribute, else undefined.
    static Value item(Evaluation evaluation, Value owner, Value key) {
        if (key instanceof SliceValue slice) {
            return Slices.slice(evaluation.meter(), owner, slice);
        }
        if (owner instanceof UndefinedValue undefined) {
            throw undefined.failure();
        }
        Value found = find(evaluation, owner, key);
        if (found != null) {
            return found;
        }
        Value member = key instanceof StringValue name ? member(owner, name.text()) : null;
        return member == null ? UndefinedValue.element(owner, key) : member;
    }

    /// `owner|attr(name)`: the attribute alone.
    static Value attributeOnly(Value owner, String name) {
        Value member = member(owner, name);
        return member == null ? UndefinedValue.attribute(owner, name) : member;
    }

    private static @Nullable Value find(Evaluation evaluation, Value owner, Value key) {
        if (owner instanceof DictValue dict) {
            return dict.get(evaluation.meter(), key);
        }
        BigInteger index = Arithmetic.integer(key);
        if (index == null || index.bitLength() > 31) {
            return null;
        }
        return switch (owner) {
            case SequenceValue sequence -> {
                int position = Slices.position(index.intValue(), sequence.size());
                yield position < 0 ? null : sequence.get(position);
            }
            case StringValue string -> {
                evaluation.meter().scanned(string.text().length());
                int position = Slices.position(index.intValue(), string.length());
                int start = position < 0 ? -1 : string.offset(position);
                yield start < 0
                        ? null
                        : string.slice(
                                start, start + Character.charCount(string.text().codePointAt(start)));
            }
            default -> null;
        };
    }

    private static @Nullable Value member(Value owner, String name) {
        if (owner instanceof UndefinedValue undefined) {
            throw undefined.failure();
        }
        if (name.length() > 4 && name.startsWith("__") && name.endsWith("__")) {
            return UndefinedValue.unsafe(owner, name);
        }
        return switch (owner) {
            case StringValue string -> StringMethods.bind(string, name);
            case DictValue dict ->
                DICT_MUTATORS.contains(name) ? UndefinedValue.unsafe(dict, name) : ContainerMethods.bind(dict, name);
            case ListValue list ->
                LIST_MUTATORS.contains(name) ? UndefinedValue.unsafe(list, name) : ContainerMethods.bind(list, name);
            case TupleValue tuple -> {
                int named = tuple.names().indexOf(name);
                yield named >= 0 ? tuple.get(named) : ContainerMethods.bind(tuple, name);
            }
            case RangeValue range -> ContainerMethods.bind(range, name);
            case NamespaceValue namespace -> namespace.get(name);
            case LoopValue loop -> loop.attribute(name);
            case MacroValue macro -> macro.attribute(name);
            case CyclerValue cycler -> cycler(cycler, name);
            case IntegerValue integer -> NumberMethods.bind(integer, name);
            case BooleanValue bool -> NumberMethods.bind(bool, name);
            case FloatValue number -> NumberMethods.bind(number, name);
            default -> null;
        };
    }

    private static @Nullable Value cycler(CyclerValue cycler, String name) {
        return switch (name) {
            case "current" -> cycler.current();
            case "next" ->
                new FunctionValue("next", (evaluation, arguments) -> {
                    arguments.bind("next");
                    return cycler.next();
                });
            case "reset" ->
                new FunctionValue("reset", (evaluation, arguments) -> {
                    arguments.bind("reset");
                    cycler.reset();
                    return NoneValue.NONE;
                });
            default -> null;
        };
    }
}
