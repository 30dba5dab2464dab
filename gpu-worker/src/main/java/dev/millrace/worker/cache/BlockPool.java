package dev.millrace.worker.cache;

/// Who holds which KV block. A block is free (no content), used (references > 0) or cached: nobody holds it, but its
/// content is known and may be used again. Cached blocks stand in a list, the one released longest ago first.
final class BlockPool {

    private static final int NOT_LISTED = -1;

    private final int blockCount;
    private final int[] references;
    private final int[] free;
    private int freeCount;
    /// Doubly linked list of cached blocks through two arrays; entry `blockCount` is its head and tail.
    private final int[] next;
    private final int[] previous;
    private int cachedCount;

    BlockPool(int blockCount) {
        this.blockCount = blockCount;
        references = new int[blockCount];
        free = new int[blockCount];
        next = new int[blockCount + 1];
        previous = new int[blockCount + 1];
        for (int block = 0; block < blockCount; block++) {
            free[block] = blockCount - 1 - block;
            next[block] = NOT_LISTED;
        }
        freeCount = blockCount;
        next[blockCount] = blockCount;
        previous[blockCount] = blockCount;
    }

    int blockCount() {
        return blockCount;
    }

    int freeCount() {
        return freeCount;
    }

    int cachedCount() {
        return cachedCount;
    }

    int references(int block) {
        return references[block];
    }

    /// A free block with one reference, or -1 when none is free.
    int takeFree() {
        if (freeCount == 0) {
            return -1;
        }
        int block = free[--freeCount];
        references[block] = 1;
        return block;
    }

    /// The block cached longest ago, or -1 when none is cached.
    int oldestCached() {
        return cachedCount == 0 ? -1 : next[blockCount];
    }

    /// Makes the block cached longest ago free.
    void evictOldest() {
        int block = next[blockCount];
        unlink(block);
        free[freeCount++] = block;
    }

    /// One holder more for a block that is used or cached.
    void retain(int block) {
        if (references[block]++ == 0) {
            unlink(block);
        }
    }

    /// One holder less; the block that nobody holds any more is cached if its content is known, else free.
    void release(int block, boolean contentKnown) {
        if (references[block] <= 0) {
            throw new IllegalStateException("block " + block + " is released more often than taken");
        }
        if (--references[block] == 0) {
            if (contentKnown) {
                append(block);
            } else {
                free[freeCount++] = block;
            }
        }
    }

    private void append(int block) {
        int last = previous[blockCount];
        next[last] = block;
        previous[block] = last;
        next[block] = blockCount;
        previous[blockCount] = block;
        cachedCount++;
    }

    private void unlink(int block) {
        if (next[block] == NOT_LISTED) {
            throw new IllegalStateException("block " + block + " is free and cannot be retained");
        }
        next[previous[block]] = next[block];
        previous[next[block]] = previous[block];
        next[block] = NOT_LISTED;
        cachedCount--;
    }

    /// @throws IllegalStateException when a block is not in exactly one state
    void check() {
        boolean[] seen = new boolean[blockCount];
        for (int i = 0; i < freeCount; i++) {
            see(seen, free[i]);
        }
        int listed = 0;
        for (int block = next[blockCount]; block != blockCount; block = next[block]) {
            see(seen, block);
            listed++;
            if (previous[next[block]] != block) {
                throw new IllegalStateException("the list of cached blocks is broken at block " + block);
            }
        }
        for (int block = 0; block < blockCount; block++) {
            if (seen[block] == (references[block] > 0)) {
                throw new IllegalStateException("block " + block + " is lost, or free and used at once");
            }
        }
        if (listed != cachedCount) {
            throw new IllegalStateException(listed + " blocks are listed as cached, " + cachedCount + " counted");
        }
    }

    private static void see(boolean[] seen, int block) {
        if (seen[block]) {
            throw new IllegalStateException("block " + block + " is listed twice");
        }
        seen[block] = true;
    }
}
