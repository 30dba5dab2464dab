package dev.millrace.tokenizer.placement;

import java.time.InstantSource;

/// Gives each placement a number above all earlier ones, also above those of this service's earlier lives.
final class Epochs {
    private final InstantSource clock;
    private long last;

    Epochs(InstantSource clock) {
        this.clock = clock;
    }

    long next() {
        last = Math.max(last + 1, clock.millis());
        return last;
    }
}
