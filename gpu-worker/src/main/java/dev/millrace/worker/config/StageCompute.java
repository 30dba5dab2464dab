package dev.millrace.worker.config;

import dev.millrace.worker.engine.Engine;
import dev.millrace.worker.engine.FailureListener;
import dev.millrace.worker.engine.Handover;
import dev.millrace.worker.engine.StageRunner;
import dev.millrace.worker.engine.StageSettings;
import dev.millrace.worker.grpc.link.FrameReceiver;
import dev.millrace.worker.grpc.link.OutboundLink;
import dev.millrace.worker.grpc.pipeline.EngineConnector;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.HeldRows;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The thread that computes a stage, be it the engine of the first one or a runner of a later one.
///
/// @param receiver takes the frames of the neighbour that calls
/// @param slotReceiver takes steps whose rows are on this device, on every stage but the first
/// @param connector connects tokenizer-services, on the first stage
/// @param starting starts the thread
/// @param stopping ends the thread; false when it is still inside the model after that time
record StageCompute(
        FrameReceiver receiver,
        Optional<Neighbours.Receiver> slotReceiver,
        Optional<EngineConnector> connector,
        Runnable starting,
        Predicate<Duration> stopping) {

    /// Sets up the thread; it does not run yet.
    ///
    /// @param next the way to the next stage; null on the last one
    /// @param back the link from the last stage back; null on all others, and in a pipeline of one stage
    static StageCompute of(
            StageWiring wiring,
            StageSettings settings,
            StageModel model,
            @Nullable Handover next,
            @Nullable OutboundLink back,
            FailureListener failures) {
        if (settings.stage() == 0) {
            Engine engine = new Engine(settings, model, next, wiring.ledger(), wiring.statistics(), failures);
            return new StageCompute(
                    (output, none) -> engine.stepOutput(output),
                    Optional.empty(),
                    Optional.of(engine::connect),
                    engine::start,
                    engine::stop);
        }
        StageRunner runner = next == null
                ? StageRunner.last(settings, model, Objects.requireNonNull(back)::output, wiring.ledger(), failures)
                : StageRunner.middle(settings, model, next, wiring.ledger(), failures);
        return new StageCompute(
                receiver(runner), Optional.of(runner::step), Optional.empty(), runner::start, runner::stop);
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
