package dev.millrace.tokenizer.pipeline;

import dev.millrace.tokenizer.loop.ServiceLoop;
import java.time.Duration;
import java.util.Optional;

/// Remembers when a token last came out of the pipeline, over all its epochs; used on the service loop only.
public final class TokenClock {
    private final ServiceLoop loop;
    private boolean any;
    private long lastNanos;

    /// A clock that has seen no token yet.
    public TokenClock(ServiceLoop loop) {
        this.loop = loop;
    }

    void tick() {
        any = true;
        lastNanos = loop.nanoTime();
    }

    /// Time since the last token, empty before the first.
    public Optional<Duration> age() {
        return any ? Optional.of(loop.since(lastNanos)) : Optional.empty();
    }
}
