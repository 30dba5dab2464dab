package dev.millrace.worker.bench;

import java.util.Locale;

/// What keeps a test from being faster on a perfect device.
enum Bound {
    /// Weights and KV have to be read from memory.
    BYTES("bytes_per_second", "GB/s"),
    /// Products have to be computed, two operations for a weight and a token.
    OPERATIONS("operations_per_second", "GFLOP/s");

    private final String key;
    private final String unit;

    Bound(String key, String unit) {
        this.key = key;
        this.unit = unit;
    }

    /// The rate's name in JSON.
    String key() {
        return key;
    }

    String text(double perSecond) {
        return String.format(Locale.ROOT, "%.1f %s", perSecond / 1e9, unit);
    }
}
