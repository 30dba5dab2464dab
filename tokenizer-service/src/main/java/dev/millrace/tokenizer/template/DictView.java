package dev.millrace.tokenizer.template;

import java.util.List;

/// What `keys()`, `values()` and `items()` of a dictionary give: iterable and sized, without indexes.
record DictView(DictValue dict, Kind kind) implements Value {
    enum Kind {
        KEYS,
        VALUES,
        ITEMS
    }

    Value element(DictValue.Entry entry) {
        return switch (kind) {
            case KEYS -> entry.key();
            case VALUES -> entry.value();
            case ITEMS -> new TupleValue(List.of(entry.key(), entry.value()));
        };
    }

    @Override
    public String typeName() {
        return switch (kind) {
            case KEYS -> "dict_keys";
            case VALUES -> "dict_values";
            case ITEMS -> "dict_items";
        };
    }
}
