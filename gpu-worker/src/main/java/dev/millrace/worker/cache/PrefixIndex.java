package dev.millrace.worker.cache;

import static dev.millrace.worker.step.StepInput.BLOCK_TOKENS;

import java.util.Arrays;
import java.util.SplittableRandom;

/// Finds the block that holds the KV of 16 given tokens after a given prefix.
///
/// A full block is a node of a tree of prefixes. Nodes are numbered and a number is never used twice, so the node of
/// the
/// block before stands for the whole prefix, exactly. A block is found by that number and its own 16 token ids; both
/// are
/// compared, the hash only says where to look. Wrong KV by a collision is impossible.
final class PrefixIndex {

    /// The node before the first block of every sequence.
    static final long ROOT = 0;

    private static final int NONE = -1;

    private final int[] buckets;
    private final int[] nextInBucket;
    private final int[] tokens;
    private final long[] nodes;
    private final long[] parents;
    private final long[] steps;
    /// Makes bucket positions unpredictable to whoever chooses the tokens.
    private final long salt = new SplittableRandom().nextLong();
    private long lastNode = ROOT;
    private int size;

    PrefixIndex(int blockCount) {
        this(blockCount, Integer.highestOneBit(Math.max(1, blockCount)) * 2);
    }

    /// @param bucketCount a power of two; 1 makes all blocks collide
    PrefixIndex(int blockCount, int bucketCount) {
        buckets = new int[bucketCount];
        Arrays.fill(buckets, NONE);
        nextInBucket = new int[blockCount];
        tokens = new int[blockCount * BLOCK_TOKENS];
        nodes = new long[blockCount];
        parents = new long[blockCount];
        steps = new long[blockCount];
    }

    /// The block with the tokens `from..from + 16` of `source` after the prefix `parent`, or -1.
    int find(long parent, int[] source, int from) {
        int block = buckets[bucket(parent, source, from)];
        while (block != NONE && !matches(block, parent, source, from)) {
            block = nextInBucket[block];
        }
        return block;
    }

    private boolean matches(int block, long parent, int[] source, int from) {
        int at = block * BLOCK_TOKENS;
        return parents[block] == parent
                && Arrays.equals(tokens, at, at + BLOCK_TOKENS, source, from, from + BLOCK_TOKENS);
    }

    private int bucket(long parent, int[] source, int from) {
        long hash = parent ^ salt;
        for (int i = from; i < from + BLOCK_TOKENS; i++) {
            hash = (hash ^ source[i]) * 0x9e3779b97f4a7c15L;
            hash ^= hash >>> 29;
        }
        return (int) (hash ^ hash >>> 32) & (buckets.length - 1);
    }

    /// Makes `block`, which `step` computes, known under those tokens; they must not be known already.
    void add(int block, long parent, int[] source, int from, long step) {
        if (contains(block)) {
            throw new IllegalStateException("block " + block + " has content that is known already");
        }
        System.arraycopy(source, from, tokens, block * BLOCK_TOKENS, BLOCK_TOKENS);
        nodes[block] = ++lastNode;
        parents[block] = parent;
        steps[block] = step;
        int bucket = bucket(parent, source, from);
        nextInBucket[block] = buckets[bucket];
        buckets[bucket] = block;
        size++;
    }

    /// Forgets the content of `block`.
    void remove(int block) {
        int bucket = bucket(parents[block], tokens, block * BLOCK_TOKENS);
        if (buckets[bucket] == block) {
            buckets[bucket] = nextInBucket[block];
        } else {
            int before = buckets[bucket];
            while (nextInBucket[before] != block) {
                before = nextInBucket[before];
            }
            nextInBucket[before] = nextInBucket[block];
        }
        nodes[block] = ROOT;
        size--;
    }

    boolean contains(int block) {
        return nodes[block] != ROOT;
    }

    /// The node of a block that is known: the prefix that ends with it.
    long node(int block) {
        return nodes[block];
    }

    /// The node before it.
    long parent(int block) {
        return parents[block];
    }

    /// The step that computes it.
    long step(int block) {
        return steps[block];
    }

    int size() {
        return size;
    }

    /// @throws IllegalStateException when a known block cannot be found
    void check() {
        int known = 0;
        for (int block = 0; block < nodes.length; block++) {
            if (contains(block)) {
                known++;
                if (find(parents[block], tokens, block * BLOCK_TOKENS) != block) {
                    throw new IllegalStateException("block " + block + " cannot be found by its content");
                }
            }
        }
        if (known != size) {
            throw new IllegalStateException(known + " blocks are known, " + size + " counted");
        }
    }
}
