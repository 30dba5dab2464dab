package dev.millrace.worker.sample;

/// The tokens that can be drawn at all, as a heap that gives the likeliest first; among equal ones the lowest id comes
/// first. Popped tokens stand, in that order, at the end of the arrays, so nothing is sorted that is not looked at.
final class Candidates {

    /// `exp` of less than this is nothing beside the likeliest token: 4 million of them have 4e-7 of its probability.
    private static final float LOWEST_EXPONENT = -30f;

    private final int[] ids;
    private final float[] exponents;
    private int count;
    private int popped;

    Candidates(int vocabularySize) {
        ids = new int[vocabularySize];
        exponents = new float[vocabularySize];
    }

    /// Takes the tokens whose probability counts, with `(logit - highest) / temperature`, in the order of their ids.
    void gather(float[] logits, float highest, float temperature) {
        count = 0;
        popped = 0;
        for (int id = 0; id < logits.length; id++) {
            float exponent = (logits[id] - highest) / temperature;
            if (exponent >= LOWEST_EXPONENT) {
                ids[count] = id;
                exponents[count] = exponent;
                count++;
            }
        }
    }

    int count() {
        return count;
    }

    /// The token id at `index`: the order of the ids before [#heapify].
    int id(int index) {
        return ids[index];
    }

    /// Its probability as a multiple of the likeliest one's.
    double weight(int index) {
        return Math.exp(exponents[index]);
    }

    /// All weights together.
    double totalWeight() {
        double total = 0;
        for (int index = 0; index < count; index++) {
            total += weight(index);
        }
        return total;
    }

    void heapify() {
        for (int parent = count / 2 - 1; parent >= 0; parent--) {
            sink(parent, count);
        }
    }

    /// Moves the likeliest token that is left to where [#poppedIndex] finds it.
    void pop() {
        popped++;
        int last = count - popped;
        swap(0, last);
        sink(0, last);
    }

    /// Where the token of the pop with that number is, from 0.
    int poppedIndex(int number) {
        return count - 1 - number;
    }

    private void sink(int from, int size) {
        int parent = from;
        while (true) {
            int child = 2 * parent + 1;
            if (child >= size) {
                return;
            }
            if (child + 1 < size && before(child + 1, child)) {
                child++;
            }
            if (!before(child, parent)) {
                return;
            }
            swap(child, parent);
            parent = child;
        }
    }

    private boolean before(int a, int b) {
        return exponents[a] > exponents[b] || (exponents[a] == exponents[b] && ids[a] < ids[b]);
    }

    private void swap(int a, int b) {
        int id = ids[a];
        ids[a] = ids[b];
        ids[b] = id;
        float exponent = exponents[a];
        exponents[a] = exponents[b];
        exponents[b] = exponent;
    }
}
