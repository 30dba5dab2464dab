package dev.millrace.worker.model;

import dev.millrace.worker.kernel.RopePairs;

/// Qwen 3: no biases, normalised heads, a head size of its own.
final class Qwen3Architecture implements Architecture {

    @Override
    public String name() {
        return "qwen3";
    }

    @Override
    public RopePairs ropePairs() {
        return RopePairs.HALVES;
    }

    @Override
    public boolean needsQkvBias() {
        return false;
    }

    @Override
    public boolean needsHeadNorm() {
        return true;
    }
}
