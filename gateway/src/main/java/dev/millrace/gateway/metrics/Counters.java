package dev.millrace.gateway.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.LinkedHashMap;
import java.util.Map;

/// The series of one counter, summed by labels; its name goes out with `_total` at the end.
final class Counters {
    private final CounterSnapshot.Builder snapshot;
    private final Map<Labels, Double> sums = new LinkedHashMap<>();

    Counters(String name, String help) {
        this.snapshot = CounterSnapshot.builder().name(name).help(help);
    }

    void add(Labels labels, double value) {
        sums.merge(labels, value, Double::sum);
    }

    CounterSnapshot snapshot() {
        sums.forEach((labels, sum) -> snapshot.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels)
                .value(sum)
                .build()));
        return snapshot.build();
    }
}
