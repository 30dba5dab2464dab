package dev.millrace.worker.kernel.cuda;

import java.util.Arrays;

/// The middle of measurements.
final class Medians {

    private Medians() {}

    /// @param values an odd number of them
    static double of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
