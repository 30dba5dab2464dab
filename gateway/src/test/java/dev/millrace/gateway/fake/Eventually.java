package dev.millrace.gateway.fake;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Waits for what other threads are about to do.
public final class Eventually {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Eventually() {}

    /// Returns once the condition holds.
    public static void holds(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("still not: " + what);
            }
            Thread.sleep(5);
        }
    }
}
