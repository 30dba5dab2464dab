package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.KvCache;

/// One layer after another, each with all its blocks.
record CudaKvCache(int layers, int blocks, KvLayout layout, long address) implements KvCache {

    @Override
    public int kvHeads() {
        return layout.kvHeads();
    }

    @Override
    public int headSize() {
        return layout.headSize();
    }

    /// Where block 0 of that layer begins.
    long layer(int layer) {
        return address + layer * layout.layerBytes(blocks);
    }
}
