package dev.millrace.worker.config;

import dev.millrace.worker.engine.Engine;
import dev.millrace.worker.engine.FailureListener;
import dev.millrace.worker.engine.StageRunner;
import dev.millrace.worker.engine.StageSettings;
import dev.millrace.worker.grpc.link.FrameReceiver;
import dev.millrace.worker.grpc.link.OutboundLink;
import dev.millrace.worker.grpc.pipeline.EngineConnector;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.HeldRows;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The thread that computes a stage, be it the engine of the first one or a runner of a later one.
///
/// @param receiver takes the frames of the neighbour that calls
/// @param connector connects tokenizer-services, on the first stage
/// @param starting starts the thread
/// @param stopping ends the thread; false when it is still inside the model after that time
record StageCompute(
        FrameReceiver receiver, Optional<EngineConnector> connector, Runnable starting, Predicate<Duration> stopping) {

    /// Sets up the thread; it does not run yet.
    ///
    /// @param outbound the link to the next stage, or from the last stage back; null in a pipeline of one stage
    static StageCompute of(
            StageWiring wiring,
            StageSettings settings,
            StageModel model,
            @Nullable OutboundLink outbound,
            FailureListener failures) {
        if (settings.stage() == 0) {
            Engine engine = new Engine(settings, model, outbound, wiring.ledger(), wiring.statistics(), failures);
            return new StageCompute(
                    (output, none) -> engine.stepOutput(output),
                    Optional.of(engine::connect),
                    engine::start,
                    engine::stop);
        }
        if (outbound == null) {
            throw new IllegalArgumentException("a later stage has a neighbour to send to");
        }
        StageRunner runner = settings.isLast()
                ? StageRunner.last(settings, model, outbound::output, wiring.ledger(), failures)
                : StageRunner.middle(settings, model, outbound, wiring.ledger(), failures);
        return new StageCompute(receiver(runner), Optional.empty(), runner::start, runner::stop);
    }

    private static FrameReceiver receiver(StageRunner runner) {
        return new FrameReceiver() {
            @Override
            public void received(MemorySegment packed, MemorySegment activations) {
                runner.step(packed, activations);
            }

            @Override
            public void received(MemorySegment packed, HeldRows activations) {
                runner.step(packed, activations);
            }
        };
    }
}
