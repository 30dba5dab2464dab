package dev.millrace.worker.bench;

import java.util.Locale;

/// What one run of a test took.
///
/// @param tokens that were processed
/// @param wallSeconds that went by
/// @param cpuSeconds of all threads of this process
/// @param startMicros of this process's thread for each step until the device had it: the whole step where that thread
///     computes it
public record Measurement(int tokens, double wallSeconds, double cpuSeconds, double startMicros) {

    double tokensPerSecond() {
        return tokens / wallSeconds;
    }

    double tokensPerCpuSecond() {
        return tokens / cpuSeconds;
    }

    /// @param rate the name of what bounds such tests
    /// @param perSecond how much of that there was
    String json(String rate, double perSecond) {
        return String.format(
                Locale.ROOT,
                "{\"tokens\": %d, \"wall_seconds\": %.6f, \"cpu_seconds\": %.6f, \"%s\": %.0f, "
                        + "\"start_microseconds\": %.2f}",
                tokens,
                wallSeconds,
                cpuSeconds,
                rate,
                perSecond,
                startMicros);
    }
}
