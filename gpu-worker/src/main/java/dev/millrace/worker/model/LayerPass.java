package dev.millrace.worker.model;

import dev.millrace.worker.kernel.Operations;

/// One layer: attention and feed-forward, each on the normalised hidden state and added to it.
record LayerPass(AttentionPass attention, FeedForwardPass feedForward) {

    void run(Operations operations) {
        attention.run(operations);
        feedForward.run(operations);
    }
}
