package dev.millrace.cli.serve;

import dev.millrace.cli.device.Place;
import java.nio.file.Path;
import java.util.List;

/// What is asked of a cluster.
///
/// @param model the model's file
/// @param places where each stage computes: a worker for each, in a row, with its share of the layers
/// @param contextLength tokens that a sequence may have; 0 is the model's own
/// @param parallel sequences that run at the same time
/// @param host the address that the gateway binds
/// @param port the gateway's port
/// @param threads CPU threads of all stages on the CPU together
/// @param kvType how keys and values are kept
/// @param cpuKernels which kernels multiply weights
/// @param weightCache where workers keep packed weights: `auto`, `off` or a folder
record ServeSettings(
        Path model,
        List<Place> places,
        int contextLength,
        int parallel,
        String host,
        int port,
        int threads,
        KvType kvType,
        CpuKernels cpuKernels,
        String weightCache) {
    ServeSettings {
        places = List.copyOf(places);
    }

    int stages() {
        return places.size();
    }

    int stagesOn(Place place) {
        return (int) places.stream().filter(place::equals).count();
    }

    /// Each stage on the CPU has the same share, and at least one.
    int threadsPerStage() {
        return Math.max(1, threads / Math.max(1, stagesOn(Place.CPU)));
    }

    /// The name that the model is served under.
    String modelId() {
        return String.valueOf(model.getFileName()).replaceFirst("\\.gguf$", "");
    }

    /// Where a client on this machine reaches the gateway.
    String url() {
        String reachable = switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "[::1]";
            default -> host.contains(":") ? "[" + host + "]" : host;
        };
        return "http://" + reachable + ":" + port;
    }
}
