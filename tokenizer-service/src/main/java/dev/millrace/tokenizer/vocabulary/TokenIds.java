package dev.millrace.tokenizer.vocabulary;

import java.util.Arrays;

/// A list of token ids that grows.
final class TokenIds {
    private int[] ids = new int[64];
    private int size;

    void add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, size * 2);
        }
        ids[size++] = id;
    }

    int size() {
        return size;
    }

    /// Forgets all but the first `size`.
    void shrink(int size) {
        this.size = size;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }
}
