package dev.millrace.tokenizer.placement;

import java.time.Duration;

/// Pauses between placements that fail in a row: 0.1 s, doubling up to 30 s.
final class Backoff {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private Duration next = FIRST;

    Duration next() {
        Duration pause = next;
        next = pause.multipliedBy(2).compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : LONGEST;
        return pause;
    }

    void reset() {
        next = FIRST;
    }
}
