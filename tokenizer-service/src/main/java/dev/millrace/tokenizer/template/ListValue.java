package dev.millrace.tokenizer.template;

import java.util.List;

/// A list. The sandbox lets no template change one, so lists are shared freely; nobody modifies `elements`.
record ListValue(List<Value> elements) implements SequenceValue {
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
        return "list";
    }
}
