package dev.millrace.tokenizer.template;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A dictionary in insertion order. It is filled where it is made and never changed afterwards.
final class DictValue implements Value {
    /// A key as it was written, and its value.
    record Entry(Value key, Value value) {}

    private final Map<Object, Entry> entries = new LinkedHashMap<>();

    /// Adds or replaces; a key that is equal to an earlier one keeps the earlier one's form, as in Python.
    void put(Meter meter, Value key, Value value) {
        put(HashKeys.of(meter, key), key, value);
    }

    void put(StringValue key, Value value) {
        put(key.text(), key, value);
    }

    private void put(Object hashKey, Value key, Value value) {
        Entry old = entries.get(hashKey);
        entries.put(hashKey, new Entry(old == null ? key : old.key(), value));
    }

    /// The value of `key`, or null where there is none or no dictionary could have such a key.
    @Nullable
    Value get(Meter meter, Value key) {
        Object hashKey = HashKeys.find(meter, key);
        return hashKey == null ? null : found(hashKey);
    }

    @Nullable
    Value get(String key) {
        return found(key);
    }

    private @Nullable Value found(Object hashKey) {
        Entry entry = entries.get(hashKey);
        return entry == null ? null : entry.value();
    }

    Collection<Entry> entries() {
        return entries.values();
    }

    int size() {
        return entries.size();
    }

    @Override
    public String typeName() {
        return "dict";
    }
}
