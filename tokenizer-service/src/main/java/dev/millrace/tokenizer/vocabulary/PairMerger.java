package dev.millrace.tokenizer.vocabulary;

/// Merges the symbols of one piece: always the pair of lowest rank, the leftmost among equals. Not safe for threads.
final class PairMerger {
    /// Up to here, looking through all pairs for the best one is faster than a heap.
    private static final int SHORT = 24;

    private static final int NOTHING = -1;

    private final MergeTable merges;
    private final int[] ranks = new int[SHORT];

    PairMerger(MergeTable merges) {
        this.merges = merges;
    }

    /// Merges the first `count` of `symbols` in place.
    ///
    /// @return how many are left
    int merge(int[] symbols, int count) {
        return count <= SHORT ? mergeFew(symbols, count) : mergeMany(symbols, count);
    }

    private int mergeFew(int[] symbols, int count) {
        int size = count;
        for (int index = 0; index + 1 < size; index++) {
            ranks[index] = merges.rank(symbols[index], symbols[index + 1]);
        }
        while (size > 1) {
            int best = NOTHING;
            for (int index = 0; index + 1 < size; index++) {
                if (ranks[index] != MergeTable.NONE && (best == NOTHING || ranks[index] < ranks[best])) {
                    best = index;
                }
            }
            if (best == NOTHING) {
                break;
            }
            symbols[best] = merges.merged(ranks[best]);
            size--;
            System.arraycopy(symbols, best + 2, symbols, best + 1, size - best - 1);
            System.arraycopy(ranks, best + 1, ranks, best, size - best - 1);
            if (best > 0) {
                ranks[best - 1] = merges.rank(symbols[best - 1], symbols[best]);
            }
            if (best + 1 < size) {
                ranks[best] = merges.rank(symbols[best], symbols[best + 1]);
            }
        }
        return size;
    }

    /// A linked list of symbols, each at the place of its first one, and a heap of rank and place. An entry of the heap
    /// is void when the pair at its place has another rank by now; it is not looked for before its turn comes.
    private int mergeMany(int[] symbols, int count) {
        int[] next = new int[count];
        int[] previous = new int[count];
        LongHeap heap = new LongHeap(count);
        for (int place = 0; place < count; place++) {
            next[place] = place + 1 < count ? place + 1 : NOTHING;
            previous[place] = place - 1;
            if (place + 1 < count) {
                push(heap, merges.rank(symbols[place], symbols[place + 1]), place);
            }
        }
        while (!heap.isEmpty()) {
            long entry = heap.pop();
            int place = (int) entry;
            int rank = (int) (entry >>> 32);
            int right = next[place];
            if (right == NOTHING || merges.rank(symbols[place], symbols[right]) != rank) {
                continue;
            }
            symbols[place] = merges.merged(rank);
            symbols[right] = NOTHING;
            next[place] = next[right];
            next[right] = NOTHING;
            if (next[place] != NOTHING) {
                previous[next[place]] = place;
                push(heap, merges.rank(symbols[place], symbols[next[place]]), place);
            }
            if (previous[place] != NOTHING) {
                push(heap, merges.rank(symbols[previous[place]], symbols[place]), previous[place]);
            }
        }
        int size = 0;
        for (int place = 0; place != NOTHING; place = next[place]) {
            symbols[size++] = symbols[place];
        }
        return size;
    }

    private static void push(LongHeap heap, int rank, int place) {
        if (rank != MergeTable.NONE) {
            heap.push((long) rank << 32 | place);
        }
    }
}
