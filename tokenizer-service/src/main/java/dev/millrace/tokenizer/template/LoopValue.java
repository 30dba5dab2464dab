package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The variable `loop` inside a `for`.
final class LoopValue implements CallableValue {
    private final LoopRunner runner;
    private final int depth;
    private Iterator<Value> elements;
    private @Nullable Integer length;
    private int index0 = -1;
    private @Nullable Value before;
    private @Nullable Value current;
    private @Nullable Value after;
    private @Nullable TupleValue lastChanged;

    /// @param length the number of elements, or null where only walking through them tells
    LoopValue(LoopRunner runner, Iterator<Value> elements, @Nullable Integer length, int depth) {
        this.runner = runner;
        this.elements = elements;
        this.length = length;
        this.depth = depth;
    }

    boolean hasNext() {
        return after != null || elements.hasNext();
    }

    Value advance() {
        Value next = after == null ? elements.next() : after;
        after = null;
        before = current;
        current = next;
        index0++;
        return next;
    }

    int length() {
        if (length == null) {
            List<Value> rest = new ArrayList<>();
            elements.forEachRemaining(rest::add);
            elements = rest.iterator();
            length = rest.size() + index0 + 1 + (after == null ? 0 : 1);
        }
        return length;
    }

    private @Nullable Value peek() {
        if (after == null && elements.hasNext()) {
            after = elements.next();
        }
        return after;
    }

    @Nullable
    Value attribute(String name) {
        return switch (name) {
            case "index" -> IntegerValue.of(index0 + 1);
            case "index0" -> IntegerValue.of(index0);
            case "revindex" -> IntegerValue.of(length() - index0);
            case "revindex0" -> IntegerValue.of(length() - index0 - 1);
            case "first" -> BooleanValue.of(index0 == 0);
            case "last" -> BooleanValue.of(peek() == null);
            case "length" -> IntegerValue.of(length());
            case "depth" -> IntegerValue.of(depth + 1);
            case "depth0" -> IntegerValue.of(depth);
            case "previtem" -> before == null ? new UndefinedValue("there is no previous item") : before;
            case "nextitem" -> {
                Value next = peek();
                yield next == null ? new UndefinedValue("there is no next item") : next;
            }
            case "cycle" -> new FunctionValue("cycle", (evaluation, arguments) -> cycle(arguments));
            case "changed" -> new FunctionValue("changed", this::changed);
            default -> null;
        };
    }

    private Value cycle(Arguments arguments) {
        List<Value> items = arguments.positional();
        if (items.isEmpty()) {
            throw new TemplateException("no items for cycling given");
        }
        return items.get(index0 % items.size());
    }

    private Value changed(Evaluation evaluation, Arguments arguments) {
        TupleValue value = new TupleValue(arguments.positional());
        boolean changed = lastChanged == null || !evaluation.equal(lastChanged, value);
        lastChanged = value;
        return BooleanValue.of(changed);
    }

    @Override
    public Value call(Evaluation evaluation, Arguments arguments) {
        return runner.recurse(arguments.bind("loop", "iterable").get(0), depth + 1);
    }

    /// Where the loop is: `2/5`.
    String describe() {
        return (index0 + 1) + "/" + length();
    }

    @Override
    public String typeName() {
        return "LoopContext";
    }
}
