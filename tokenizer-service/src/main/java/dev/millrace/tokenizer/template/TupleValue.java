package dev.millrace.tokenizer.template;

import java.util.List;

/// A tuple.
///
/// @param names attribute names of the first elements, as `groupby` gives them; mostly empty
record TupleValue(List<Value> elements, List<String> names) implements SequenceValue {
    static final TupleValue EMPTY = new TupleValue(List.of());

    TupleValue(List<Value> elements) {
        this(elements, List.of());
    }

    @Override
    public int size() {
        return elements.size();
    }

    @Override
    public Value get(int index) {
        return elements.get(index);
    }

    @Override
    public String typeName() {
        return "tuple";
    }
}
