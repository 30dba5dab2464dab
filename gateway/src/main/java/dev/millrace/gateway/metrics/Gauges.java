package dev.millrace.gateway.metrics;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.LinkedHashMap;
import java.util.Map;

/// The series of one gauge, summed by labels.
final class Gauges {
    private final GaugeSnapshot.Builder snapshot;
    private final Map<Labels, Double> sums = new LinkedHashMap<>();

    Gauges(String name, String help) {
        this.snapshot = GaugeSnapshot.builder().name(name).help(help);
    }

    void add(Labels labels, double value) {
        sums.merge(labels, value, Double::sum);
    }

    GaugeSnapshot snapshot() {
        sums.forEach((labels, sum) -> snapshot.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels)
                .value(sum)
                .build()));
        return snapshot.build();
    }
}
