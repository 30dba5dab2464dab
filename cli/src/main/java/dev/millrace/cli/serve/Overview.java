package dev.millrace.cli.serve;

import dev.millrace.cli.device.CudaDevice;
import dev.millrace.cli.device.DeviceReport;
import dev.millrace.cli.device.Place;
import java.util.ArrayList;
import java.util.List;

/// What a cluster is going to be, for people: the model, and what is where.
record Overview(ServeSettings settings, ModelSummary model, MemoryEstimate estimate, DeviceReport devices) {
    /// One on the model; where devices have a part in it, one on each stage too.
    List<String> lines() {
        List<String> lines = new ArrayList<>(List.of("%s: %d layers, %d %s, about %s of weights and %s of KV cache"
                .formatted(
                        settings.model(),
                        model.layers(),
                        settings.stages(),
                        settings.stages() == 1 ? "stage" : "stages",
                        MemoryEstimate.readable(estimate.weights()),
                        MemoryEstimate.readable(estimate.cache()))));
        if (settings.stagesOn(Place.CPU) < settings.stages()) {
            for (int stage = 0; stage < settings.stages(); stage++) {
                lines.add("stage %d, %s: %s"
                        .formatted(
                                stage,
                                Cluster.worker(stage),
                                describe(settings.places().get(stage))));
            }
        }
        return lines;
    }

    private String describe(Place place) {
        return place + devices.device(place).map(Overview::describe).orElse("");
    }

    private static String describe(CudaDevice device) {
        return ", %s, %s of %s free"
                .formatted(
                        device.name(),
                        MemoryEstimate.readable(device.freeBytes()),
                        MemoryEstimate.readable(device.totalBytes()));
    }
}
