package dev.millrace.tokenizer.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// Walking through values as Python's `for` and `list()` do.
final class Iteration {
    private Iteration() {}

    static Iterator<Value> over(Meter meter, Value value) {
        return over(meter, value, "'", "' object is not iterable");
    }

    static Iterator<Value> over(Meter meter, Value value, String failureBefore, String failureAfter) {
        Iterator<Value> elements = find(meter, value);
        if (elements == null) {
            throw new TemplateException(failureBefore + value.typeName() + failureAfter);
        }
        return new Metered(meter, elements);
    }

    /// An iterator, or null for a value that cannot be iterated.
    static @Nullable Iterator<Value> find(Meter meter, Value value) {
        return switch (value) {
            case ListValue list -> list.elements().iterator();
            case TupleValue tuple -> tuple.elements().iterator();
            case RangeValue range -> indexed(range);
            case StringValue string -> characters(string);
            case DictValue dict ->
                dict.entries().stream().map(DictValue.Entry::key).iterator();
            case DictView view ->
                view.dict().entries().stream().map(view::element).iterator();
            case IteratorValue iterator -> iterator.elements();
            case UndefinedValue ignored -> Collections.emptyIterator();
            default -> null;
        };
    }

    /// All elements; each counts as a step.
    static List<Value> list(Meter meter, Value value) {
        if (value instanceof ListValue list) {
            meter.steps(list.size());
            return list.elements();
        }
        if (value instanceof TupleValue tuple) {
            meter.steps(tuple.size());
            return tuple.elements();
        }
        List<Value> elements = new ArrayList<>();
        over(meter, value).forEachRemaining(elements::add);
        return elements;
    }

    /// `len(value)`, or null for a value without a length.
    static @Nullable Integer size(Value value) {
        return switch (value) {
            case SequenceValue sequence -> sequence.size();
            case StringValue string -> string.length();
            case DictValue dict -> dict.size();
            case DictView view -> view.dict().size();
            case UndefinedValue ignored -> 0;
            case LoopValue loop -> loop.length();
            default -> null;
        };
    }

    /// The elements from last to first, or null where Python's `reversed` refuses.
    static @Nullable Iterator<Value> reversed(Meter meter, Value value) {
        return switch (value) {
            case SequenceValue sequence -> backwards(sequence);
            case StringValue string -> {
                meter.steps(string.length());
                yield characters(new StringValue(string.text(), string.provenance(), string.isMarkup()), true);
            }
            case DictValue dict -> backwards(new ListValue(list(meter, dict)));
            case DictView view -> backwards(new ListValue(list(meter, view)));
            case UndefinedValue ignored -> Collections.emptyIterator();
            default -> null;
        };
    }

    private static Iterator<Value> indexed(SequenceValue sequence) {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < sequence.size();
            }

            @Override
            public Value next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return sequence.get(next++);
            }
        };
    }

    private static Iterator<Value> backwards(SequenceValue sequence) {
        return new Iterator<>() {
            private int next = sequence.size() - 1;

            @Override
            public boolean hasNext() {
                return next >= 0;
            }

            @Override
            public Value next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return sequence.get(next--);
            }
        };
    }

    private static Iterator<Value> characters(StringValue string) {
        return characters(string, false);
    }

    private static Iterator<Value> characters(StringValue string, boolean backwards) {
        String text = string.text();
        return new Iterator<>() {
            private int position = backwards ? text.length() : 0;

            @Override
            public boolean hasNext() {
                return backwards ? position > 0 : position < text.length();
            }

            @Override
            public Value next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                int from = backwards ? position - Character.charCount(text.codePointBefore(position)) : position;
                int to = backwards ? position : position + Character.charCount(text.codePointAt(position));
                position = backwards ? from : to;
                return string.slice(from, to).asPlain();
            }
        };
    }

    /// Each element is a step. Iterators may sit on iterators: each level counts as depth while it is asked.
    private record Metered(Meter meter, Iterator<Value> elements) implements Iterator<Value> {
        @Override
        public boolean hasNext() {
            meter.enter();
            boolean hasNext = elements.hasNext();
            meter.leave();
            return hasNext;
        }

        @Override
        public Value next() {
            meter.step();
            meter.enter();
            Value next = elements.next();
            meter.leave();
            return next;
        }
    }
}
