package dev.millrace.worker.model;

import dev.millrace.worker.kernel.RopePairs;

/// What is particular to one family of models; everything else is the same forward pass.
interface Architecture {

    /// `general.architecture` in GGUF.
    String name();

    /// How GGUF files of this family order the values of a head.
    RopePairs ropePairs();

    /// True where queries, keys and values must have biases; others may have them.
    boolean needsQkvBias();

    /// True where each head of queries and keys is normalised before the rotation.
    boolean needsHeadNorm();
}
