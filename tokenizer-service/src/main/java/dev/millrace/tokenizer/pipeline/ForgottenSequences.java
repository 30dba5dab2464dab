package dev.millrace.tokenizer.pipeline;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// Cancelled sequences that asked for log probabilities. Tokens of theirs may still be on the way, and their log
/// probabilities have to be skipped; nothing acknowledges a cancel, so they are remembered for a while.
final class ForgottenSequences {
    static final Duration MEMORY = Duration.ofMinutes(1);

    private final Map<Long, Long> cancelledNanos = new LinkedHashMap<>();

    void add(long sequenceId, long nowNanos) {
        var oldest = cancelledNanos.values().iterator();
        while (oldest.hasNext() && nowNanos - oldest.next() > MEMORY.toNanos()) {
            oldest.remove();
        }
        cancelledNanos.put(sequenceId, nowNanos);
    }

    boolean contains(long sequenceId) {
        return cancelledNanos.containsKey(sequenceId);
    }
}
