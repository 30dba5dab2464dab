package dev.millrace.worker.config;

import dev.millrace.worker.engine.EngineStatistics;
import dev.millrace.worker.grpc.link.StageLinkService;
import dev.millrace.worker.grpc.pipeline.PipelineService;
import dev.millrace.worker.ledger.StepLedger;
import java.util.concurrent.ScheduledExecutorService;

/// What every stage of this worker, epoch after epoch, is connected with.
///
/// @param model what is known of the model
/// @param links where neighbours call
/// @param pipelines where tokenizer-services call
/// @param ledger where time and bytes are counted
/// @param statistics figures of the engine
/// @param timer for retries
/// @param maxFrameBytes the largest message that the server takes
/// @param handOver how rows go to the next stage and come from the one before
/// @param neighbours stages of this process
record StageWiring(
        ModelFacts model,
        StageLinkService links,
        PipelineService pipelines,
        StepLedger ledger,
        EngineStatistics statistics,
        ScheduledExecutorService timer,
        long maxFrameBytes,
        HandOver handOver,
        Neighbours neighbours) {}
