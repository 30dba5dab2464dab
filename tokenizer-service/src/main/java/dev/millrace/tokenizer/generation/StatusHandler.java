package dev.millrace.tokenizer.generation;

import dev.millrace.proto.v1.GetStatusResponse;
import dev.millrace.proto.v1.PipelineStatus;
import dev.millrace.proto.v1.StageStatus;
import dev.millrace.tokenizer.loop.ServiceLoop;
import dev.millrace.tokenizer.pipeline.PipelineProbe;
import dev.millrace.tokenizer.pipeline.PipelineRouter;
import dev.millrace.tokenizer.pipeline.TokenClock;
import dev.millrace.tokenizer.placement.PlacementView;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Tells how the pipeline is, after a canary where it has been idle.
public final class StatusHandler {
    /// A pipeline is ready when a token came out of it within this time.
    private static final Duration READY = Duration.ofSeconds(30);

    private final String modelId;
    private final ServiceLoop loop;
    private final Supplier<PlacementView> placement;
    private final PipelineRouter router;
    private final PipelineProbe probe;
    private final TokenClock tokenClock;

    /// `placement` is asked on the loop only.
    public StatusHandler(
            String modelId,
            ServiceLoop loop,
            Supplier<PlacementView> placement,
            PipelineRouter router,
            PipelineProbe probe,
            TokenClock tokenClock) {
        this.modelId = modelId;
        this.loop = loop;
        this.placement = placement;
        this.router = router;
        this.probe = probe;
        this.tokenClock = tokenClock;
    }

    /// Calls `answer` on the loop.
    void status(Consumer<GetStatusResponse> answer) {
        loop.execute(() -> probe.refresh(() -> answer.accept(now())));
    }

    private GetStatusResponse now() {
        PlacementView view = placement.get();
        Optional<Duration> age = tokenClock.age();
        boolean fresh = age.map(since -> since.compareTo(READY) <= 0).orElse(false);
        boolean ready = fresh && router.available();
        PipelineStatus.Builder pipeline = PipelineStatus.newBuilder()
                .setModel(modelId)
                .setEpoch(view.epoch())
                .setLastTokenAgeMillis(age.map(Duration::toMillis).orElse(-1L));
        for (int stage = 0; stage < view.stages().size(); stage++) {
            pipeline.addStages(stage(stage, view.stages().get(stage)));
        }
        return GetStatusResponse.newBuilder()
                .setReady(ready)
                .setReason(ready ? "" : reason(view))
                .addPipelines(pipeline)
                .build();
    }

    private String reason(PlacementView view) {
        if (!view.reason().isEmpty()) {
            return view.reason();
        }
        return router.available()
                ? "No token came out of the pipeline within the last " + READY.toSeconds() + " seconds."
                : "The stream to the pipeline is being opened again.";
    }

    private static StageStatus stage(int number, PlacementView.Stage stage) {
        return StageStatus.newBuilder()
                .setStage(number)
                .setWorkerId(stage.workerId())
                .setFirstLayer(stage.span().first())
                .setLayerCount(stage.span().count())
                .setStatistics(stage.statistics())
                .build();
    }
}
