package dev.millrace.worker.config;

import java.nio.file.Path;

/// How one worker is set up.
///
/// @param model the model file
/// @param tokenizer host and port of the tokenizer-service
/// @param host where the gRPC and metrics servers bind
/// @param advertise the host under which others reach this worker; empty chooses one
/// @param port of the gRPC server, 0 for any free one
/// @param metricsPort of the metrics server, 0 for any free one, -1 for none
/// @param workerId unique among the workers; empty chooses host name and port
/// @param device what computes
/// @param memoryLimitBytes the most that a stage may take
/// @param weightCache where packed weights are kept
/// @param handOver how rows go from stage to stage
record WorkerSettings(
        Path model,
        String tokenizer,
        String host,
        String advertise,
        int port,
        int metricsPort,
        String workerId,
        DeviceSettings device,
        long memoryLimitBytes,
        WeightCache weightCache,
        HandOver handOver) {}
