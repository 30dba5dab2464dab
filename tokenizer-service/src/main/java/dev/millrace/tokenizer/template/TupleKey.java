package dev.millrace.tokenizer.template;

import java.math.BigInteger;
import java.util.List;

/// A tuple as a key. It can be compared, which keeps maps fast when a template brings keys with equal hash codes.
record TupleKey(List<Object> keys) implements Comparable<TupleKey> {
    @Override
    public int compareTo(TupleKey other) {
        int common = Math.min(keys.size(), other.keys.size());
        for (int i = 0; i < common; i++) {
            int order = compare(keys.get(i), other.keys.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(keys.size(), other.keys.size());
    }

    private static int compare(Object left, Object right) {
        if (left instanceof String a && right instanceof String b) {
            return a.compareTo(b);
        }
        if (left instanceof BigInteger a && right instanceof BigInteger b) {
            return a.compareTo(b);
        }
        if (left instanceof Double a && right instanceof Double b) {
            return a.compareTo(b);
        }
        if (left instanceof TupleKey a && right instanceof TupleKey b) {
            return a.compareTo(b);
        }
        return left.getClass().getName().compareTo(right.getClass().getName());
    }
}
