package dev.millrace.tokenizer.template;

/// A value with a length whose elements have indexes from 0.
sealed interface SequenceValue extends Value permits ListValue, RangeValue, TupleValue {
    int size();

    Value get(int index);
}
