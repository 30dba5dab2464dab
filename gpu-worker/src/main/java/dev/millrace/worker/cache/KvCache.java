package dev.millrace.worker.cache;

import static dev.millrace.worker.step.StepInput.BLOCK_TOKENS;

import java.util.List;

/// The KV blocks of a pipeline: which sequence holds which, and which are kept for prompts that begin alike. Every
/// stage
/// has the same blocks and runs the steps in the same order; this is the only book about them.
///
/// Why nothing has to wait for steps in flight. A block's content is written by the steps that name its slots, and
/// every
/// stage runs steps in order. So a step may read whatever an earlier step writes, even if that one has not run anywhere
/// yet: a full block may be shared from the step after the one that completes it. And a block may be taken away from
/// its
/// holder at any time and given to a later step: whatever earlier steps still read or write there is over on each stage
/// before the later step runs there. Within one step neither holds, hence the two rules about the current step below.
///
/// Who holds a known block holds all blocks before it, and releases from the back. So of the cached blocks the one
/// released longest ago never has a known block after it, and evicting it leaves every other block reachable.
public final class KvCache {

    private final BlockPool pool;
    private final PrefixIndex index;
    private final boolean prefixReuse;
    private final int[] replaced;
    private int replacedCount;

    /// @param prefixReuse false keeps no content that nobody holds
    public KvCache(int blockCount, boolean prefixReuse) {
        pool = new BlockPool(blockCount);
        index = new PrefixIndex(prefixReuse ? blockCount : 0);
        this.prefixReuse = prefixReuse;
        replaced = new int[blockCount];
    }

    /// Blocks that hold that many tokens.
    public static int blocksFor(int tokens) {
        return (tokens + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
    }

    /// Blocks that sequences hold.
    public int usedBlocks() {
        return pool.blockCount() - pool.freeCount() - pool.cachedCount();
    }

    /// Blocks that nobody holds and whose content can be used again.
    public int cachedBlocks() {
        return pool.cachedCount();
    }

    /// Blocks without content.
    public int freeBlocks() {
        return pool.freeCount();
    }

    /// Blocks that a sequence can be given.
    public int availableBlocks() {
        return pool.freeCount() + pool.cachedCount();
    }

    /// Appends blocks that hold the KV of the tokens which follow the table's blocks, as long as there are such blocks
    /// from steps before `step`. The last of the `length` tokens is never covered: its logits are wanted. Nothing is
    /// found after a block that is not full.
    ///
    /// @return how many blocks were found
    public int extend(BlockTable table, int[] tokens, int length, long step) {
        int before = table.count();
        int block = next(table, tokens, length);
        while (block >= 0 && index.step(block) < step) {
            pool.retain(block);
            table.add(block);
            table.know(block, index.node(block));
            block = next(table, tokens, length);
        }
        return table.count() - before;
    }

    /// True when the block that [#extend] would look for next is computed by `step` itself, for another sequence: the
    /// step after can share it.
    public boolean isComputedBy(long step, BlockTable table, int[] tokens, int length) {
        int block = next(table, tokens, length);
        return block >= 0 && index.step(block) == step;
    }

    private int next(BlockTable table, int[] tokens, int length) {
        int from = table.count() * BLOCK_TOKENS;
        if (!prefixReuse || table.knownCount() < table.count() || from + BLOCK_TOKENS >= length) {
            return -1;
        }
        return index.find(table.lastKnownNode(), tokens, from);
    }

    /// Appends new blocks until there are `count`, evicting cached ones where needed.
    ///
    /// @return false when there are not enough; then nothing is changed
    public boolean grow(BlockTable table, int count) {
        if (count - table.count() > availableBlocks()) {
            return false;
        }
        while (table.count() < count) {
            int block = pool.takeFree();
            if (block < 0) {
                index.remove(pool.oldestCached());
                pool.evictOldest();
                block = pool.takeFree();
            }
            table.add(block);
        }
        return true;
    }

    /// Notes that after `step` the first `computed` of the tokens have their KV: full blocks become known. Where a
    /// block
    /// with the same content is known already, the sequence goes over to it from the next step on; its own one is given
    /// back at [#endStep], as the current step still writes it.
    public void computed(BlockTable table, int[] tokens, int computed, long step) {
        if (!prefixReuse) {
            return;
        }
        while ((table.knownCount() + 1) * BLOCK_TOKENS <= computed) {
            int from = table.knownCount() * BLOCK_TOKENS;
            int own = table.blocks()[table.knownCount()];
            int known = index.find(table.lastKnownNode(), tokens, from);
            if (known < 0) {
                index.add(own, table.lastKnownNode(), tokens, from, step);
                known = own;
            } else {
                pool.retain(known);
                replaced[replacedCount++] = own;
            }
            table.know(known, index.node(known));
        }
    }

    /// The plan of a step is complete: blocks that it alone needs are free for the next one.
    public void endStep() {
        while (replacedCount > 0) {
            pool.release(replaced[--replacedCount], false);
        }
    }

    /// Gives all blocks of a sequence back.
    public void release(BlockTable table) {
        for (int i = table.count() - 1; i >= 0; i--) {
            pool.release(table.blocks()[i], i < table.knownCount());
        }
        table.clear();
    }

    /// Checks everything that always holds between steps, given all tables that hold blocks.
    ///
    /// @throws IllegalStateException when something does not
    public void check(List<BlockTable> tables) {
        pool.check();
        index.check();
        new KvCacheCheck(pool, index, tables).run();
        if (replacedCount > 0) {
            throw new IllegalStateException(replacedCount + " replaced blocks were not given back");
        }
    }
}
