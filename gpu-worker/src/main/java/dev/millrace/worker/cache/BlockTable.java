package dev.millrace.worker.cache;

import java.util.Arrays;

/// The KV blocks of one sequence in the order of its positions. Changed by [KvCache] alone.
public final class BlockTable {

    private int[] blocks = new int[0];
    private int count;
    private int knownCount;
    private long lastKnownNode = PrefixIndex.ROOT;

    /// The blocks; the first [#count] entries count.
    public int[] blocks() {
        return blocks;
    }

    /// How many blocks there are.
    public int count() {
        return count;
    }

    /// How many blocks at the front stand in the prefix index.
    int knownCount() {
        return knownCount;
    }

    /// The prefix that ends with the last of them.
    long lastKnownNode() {
        return lastKnownNode;
    }

    void add(int block) {
        if (count == blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(8, 2 * count));
        }
        blocks[count++] = block;
    }

    /// The first block that was not known is now, as `block`, which may be another one with the same content.
    void know(int block, long node) {
        blocks[knownCount++] = block;
        lastKnownNode = node;
    }

    void clear() {
        count = 0;
        knownCount = 0;
        lastKnownNode = PrefixIndex.ROOT;
    }
}
