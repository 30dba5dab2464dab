package dev.millrace.tokenizer.template;

import java.util.List;

/// What `cycler(...)` makes: gives its items in turn, for ever.
final class CyclerValue implements Value {
    private final List<Value> items;
    private int position;

    CyclerValue(List<Value> items) {
        this.items = items;
    }

    Value current() {
        return items.get(position);
    }

    Value next() {
        Value item = current();
        position = (position + 1) % items.size();
        return item;
    }

    void reset() {
        position = 0;
    }

    @Override
    public String typeName() {
        return "Cycler";
    }
}
