package dev.millrace.cli.serve;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// How long to wait before a process that died is started again: 0.2 s, doubled with each death of the last minute up
/// to
/// 5 s, and not at all after the fifth.
final class RestartPolicy {
    static final int MOST_DEATHS = 5;
    static final Duration WINDOW = Duration.ofMinutes(1);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Deque<Long> deathNanos = new ArrayDeque<>();

    /// `nanos` is the time of death on the clock of [System#nanoTime]. Empty means to give up.
    Optional<Duration> pauseAfterDeath(long nanos) {
        while (!deathNanos.isEmpty() && nanos - deathNanos.getFirst() > WINDOW.toNanos()) {
            deathNanos.removeFirst();
        }
        deathNanos.addLast(nanos);
        if (deathNanos.size() >= MOST_DEATHS) {
            return Optional.empty();
        }
        Duration pause = FIRST_PAUSE.multipliedBy(1L << (deathNanos.size() - 1));
        return Optional.of(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
    }
}
