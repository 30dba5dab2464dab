package dev.millrace.tokenizer.vocabulary;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/// A map from longs that are not negative to ints, for a number of entries known beforehand: open addressing over two
/// plain arrays. The hash differs from process to process, so that no model file can be made to collide.
final class LongIntMap {
    static final int ABSENT = -1;

    private static final long FREE = -1;
    private static final long MULTIPLIER = ThreadLocalRandom.current().nextLong() | 1;

    private final long[] keys;
    private final int[] values;

    /// @param entries how many will be put at most
    LongIntMap(int entries) {
        int capacity = Math.max(16, Integer.highestOneBit((int) Math.min(1 << 29, entries * 3L / 2)) * 2);
        keys = new long[capacity];
        values = new int[capacity];
        Arrays.fill(keys, FREE);
    }

    /// Keeps the value that is there already, if any.
    void putIfAbsent(long key, int value) {
        int slot = slot(key);
        if (keys[slot] == FREE) {
            keys[slot] = key;
            values[slot] = value;
        }
    }

    /// The value, or [#ABSENT].
    int get(long key) {
        int slot = slot(key);
        return keys[slot] == FREE ? ABSENT : values[slot];
    }

    private int slot(long key) {
        int mask = keys.length - 1;
        long hash = key * MULTIPLIER;
        hash = (hash ^ hash >>> 32) * MULTIPLIER;
        int slot = (int) (hash >>> 33) & mask;
        while (keys[slot] != key && keys[slot] != FREE) {
            slot = slot + 1 & mask;
        }
        return slot;
    }
}
