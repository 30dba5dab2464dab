package dev.millrace.worker.cache;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What always holds between pool, index and tables.
record KvCacheCheck(BlockPool pool, PrefixIndex index, List<BlockTable> tables) {

    void run() {
        int[] holders = new int[pool.blockCount()];
        for (BlockTable table : tables) {
            checkTable(table, holders);
        }
        for (int block = 0; block < holders.length; block++) {
            require(holders[block] == pool.references(block), "holders of block", block);
        }
        if (index.size() > 0) {
            checkPrefixes();
        } else {
            require(pool.cachedCount() == 0, "cached blocks without known content", pool.cachedCount());
        }
    }

    private void checkTable(BlockTable table, int[] holders) {
        long node = PrefixIndex.ROOT;
        for (int i = 0; i < table.count(); i++) {
            int block = table.blocks()[i];
            holders[block]++;
            if (i < table.knownCount()) {
                require(index.contains(block) && index.parent(block) == node, "prefix of block", block);
                node = index.node(block);
            } else {
                require(pool.references(block) == 1, "holders of a block that only its writer knows", block);
            }
        }
        require(table.lastKnownNode() == node, "last known node of a table", node);
    }

    private void checkPrefixes() {
        Set<Long> nodes = new HashSet<>();
        nodes.add(PrefixIndex.ROOT);
        int unused = 0;
        for (int block = 0; block < pool.blockCount(); block++) {
            if (index.contains(block)) {
                nodes.add(index.node(block));
                unused += pool.references(block) == 0 ? 1 : 0;
            }
        }
        require(unused == pool.cachedCount(), "cached blocks", pool.cachedCount());
        for (int block = 0; block < pool.blockCount(); block++) {
            if (index.contains(block)) {
                require(nodes.contains(index.parent(block)), "known block before block", block);
            }
        }
    }

    private static void require(boolean holds, String what, long which) {
        if (!holds) {
            throw new IllegalStateException(what + " " + which + ": not as it should be");
        }
    }
}
