package dev.millrace.worker.kernel;

/// Keys and values of the tokens that stand in KV blocks, for the layers of one stage.
public interface KvCache {

    /// Layers that have their keys and values here.
    int layers();

    /// `K`, KV heads of a layer.
    int kvHeads();

    /// `D`, values of a head.
    int headSize();
}
