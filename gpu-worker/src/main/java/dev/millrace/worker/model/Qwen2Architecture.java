package dev.millrace.worker.model;

import dev.millrace.worker.kernel.RopePairs;

/// Qwen 2 and 2.5: biases on queries, keys and values.
final class Qwen2Architecture implements Architecture {

    @Override
    public String name() {
        return "qwen2";
    }

    @Override
    public RopePairs ropePairs() {
        return RopePairs.HALVES;
    }

    @Override
    public boolean needsQkvBias() {
        return true;
    }

    @Override
    public boolean needsHeadNorm() {
        return false;
    }
}
