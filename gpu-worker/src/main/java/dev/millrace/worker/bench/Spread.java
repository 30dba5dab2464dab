package dev.millrace.worker.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What repeated measurements say.
record Spread(double median, double least, double greatest) {

    static Spread of(List<Measurement> measurements, ToDoubleFunction<Measurement> value) {
        double[] sorted = measurements.stream().mapToDouble(value).sorted().toArray();
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    String text() {
        return String.format(Locale.ROOT, "%9.2f (%.2f to %.2f)", median, least, greatest);
    }

    String json() {
        return String.format(Locale.ROOT, "{\"median\": %.3f, \"min\": %.3f, \"max\": %.3f}", median, least, greatest);
    }
}
