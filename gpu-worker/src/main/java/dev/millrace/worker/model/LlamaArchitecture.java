package dev.millrace.worker.model;

import dev.millrace.worker.kernel.RopePairs;

/// Llama 1 to 3.x, Mistral and what is built like them.
final class LlamaArchitecture implements Architecture {

    @Override
    public String name() {
        return "llama";
    }

    @Override
    public RopePairs ropePairs() {
        return RopePairs.NEIGHBOURS;
    }

    @Override
    public boolean needsQkvBias() {
        return false;
    }

    @Override
    public boolean needsHeadNorm() {
        return false;
    }
}
