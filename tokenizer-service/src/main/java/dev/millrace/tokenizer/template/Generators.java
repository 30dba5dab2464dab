package dev.millrace.tokenizer.template;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Iterators that, like Python's generators, do nothing before the first element is asked for.
final class Generators {
    private Generators() {}

    static IteratorValue lazy(Supplier<Iterator<Value>> source) {
        return IteratorValue.generator(new Lazy(source, value -> true, UnaryOperator.identity()));
    }

    static IteratorValue map(Supplier<Iterator<Value>> source, UnaryOperator<Value> mapping) {
        return IteratorValue.generator(new Lazy(source, value -> true, mapping));
    }

    static IteratorValue filter(Supplier<Iterator<Value>> source, Predicate<Value> selected) {
        return IteratorValue.generator(new Lazy(source, selected, UnaryOperator.identity()));
    }

    private static final class Lazy implements Iterator<Value> {
        private final Supplier<Iterator<Value>> source;
        private final Predicate<Value> selected;
        private final UnaryOperator<Value> mapping;
        private @Nullable Iterator<Value> elements;
        private @Nullable Value next;

        Lazy(Supplier<Iterator<Value>> source, Predicate<Value> selected, UnaryOperator<Value> mapping) {
            this.source = source;
            this.selected = selected;
            this.mapping = mapping;
        }

        @Override
        public boolean hasNext() {
            Iterator<Value> all = elements;
            if (all == null) {
                all = source.get();
                elements = all;
            }
            while (next == null && all.hasNext()) {
                Value candidate = all.next();
                next = selected.test(candidate) ? mapping.apply(candidate) : null;
            }
            return next != null;
        }

        @Override
        public Value next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            Value value = next;
            next = null;
            return value;
        }
    }
}
