package dev.millrace.tokenizer.template;

import java.util.Iterator;

/// A one-pass iterator, as `map`, `select` and their like give: true whatever it holds, without a length, and empty
/// once it was read.
///
/// @param typeName Python's name of the iterator's type
record IteratorValue(Iterator<Value> elements, String typeName) implements Value {
    static IteratorValue generator(Iterator<Value> elements) {
        return new IteratorValue(elements, "generator");
    }
}
