package dev.millrace.tokenizer.placement;

import dev.millrace.proto.v1.StageStatistics;
import java.util.ArrayList;
import java.util.List;

/// A look at the placement at one moment.
///
/// @param reason why the pipeline does not serve, in a sentence, or empty
/// @param epoch the present epoch, or 0 when no stages are placed
/// @param stages the placed stages in order
/// @param workers number of registered workers
public record PlacementView(String reason, long epoch, List<Stage> stages, int workers) {
    /// One placed stage.
    public record Stage(String workerId, LayerSpan span, StageStatistics statistics) {}

    static PlacementView of(Placer placer, int workers) {
        Placed placed = placer.placed();
        if (placed == null) {
            return new PlacementView(placer.reason(), 0, List.of(), workers);
        }
        List<Stage> stages = new ArrayList<>();
        for (int stage = 0; stage < placed.workers().size(); stage++) {
            Worker worker = placed.workers().get(stage);
            stages.add(new Stage(worker.id(), placed.span(stage), worker.statistics()));
        }
        return new PlacementView(placer.reason(), placed.epoch(), List.copyOf(stages), workers);
    }
}
