package dev.millrace.tokenizer.vocabulary;

import java.util.Arrays;

/// A heap of longs that gives the least first.
final class LongHeap {
    private long[] values;
    private int size;

    LongHeap(int capacity) {
        values = new long[Math.max(16, capacity)];
    }

    boolean isEmpty() {
        return size == 0;
    }

    void push(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        int index = size++;
        while (index > 0) {
            int parent = (index - 1) >>> 1;
            if (values[parent] <= value) {
                break;
            }
            values[index] = values[parent];
            index = parent;
        }
        values[index] = value;
    }

    long pop() {
        long least = values[0];
        long last = values[--size];
        int index = 0;
        while (true) {
            int child = 2 * index + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && values[child + 1] < values[child]) {
                child++;
            }
            if (last <= values[child]) {
                break;
            }
            values[index] = values[child];
            index = child;
        }
        values[index] = last;
        return least;
    }
}
