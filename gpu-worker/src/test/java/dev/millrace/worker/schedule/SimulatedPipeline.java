package dev.millrace.worker.schedule;

import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.step.StepOutput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// A scheduler with stages that compute only when they are told to, each its steps in their order.
final class SimulatedPipeline {

    private record Frame(StepInput input, Activations activations) {}

    final Scheduler scheduler;
    private final StepLimits limits;
    private final StepInputBuilder builder = new StepInputBuilder();
    private final List<FakeModel> stages = new ArrayList<>();
    /// Steps on their way to each stage.
    private final List<Queue<Frame>> queues = new ArrayList<>();
    private final Queue<StepOutput> outputs = new ArrayDeque<>();

    SimulatedPipeline(SchedulerSettings settings) {
        scheduler = new Scheduler(settings);
        limits = new StepLimits(
                settings.batchTokens(),
                settings.maxSequences(),
                settings.contextLength(),
                settings.kvBlocks(),
                settings.vocabularySize());
        for (int stage = 0; stage < settings.stageCount(); stage++) {
            stages.add(new FakeModel(stage, settings.stageCount(), settings.kvBlocks()));
            queues.add(new ArrayDeque<>());
        }
    }

    /// Plans a step and sends it on its way.
    ///
    /// @return the step, or null when there was nothing to plan
    @Nullable
    StepInput plan() {
        long number = scheduler.plan(builder);
        if (number == 0) {
            return null;
        }
        StepInput planned = new StepInput(64);
        builder.build(1, number, planned);
        StepInput checked = new StepInput(64);
        checked.load(planned.bytes(), limits);
        queues.getFirst().add(new Frame(checked, new Activations(limits.maxTokens(), 2)));
        return checked;
    }

    /// Has one stage compute its next step, if one is there.
    boolean compute(int stage) {
        Frame frame = queues.get(stage).poll();
        if (frame == null) {
            return false;
        }
        FakeModel model = stages.get(stage);
        model.start(frame.input(), frame.activations());
        if (stage + 1 < stages.size()) {
            model.finish(frame.activations());
            queues.get(stage + 1).add(frame);
        } else {
            StepOutput output = new StepOutput(limits.maxSequences());
            model.finish(output);
            outputs.add(output);
        }
        return true;
    }

    /// Returns the tokens of a finished step to the scheduler, if one is there.
    boolean complete() {
        StepOutput output = outputs.poll();
        if (output == null) {
            return false;
        }
        scheduler.complete(output);
        return true;
    }

    /// Everything that can be done now, once.
    ///
    /// @return false when there was nothing
    boolean turn() {
        boolean done = plan() != null;
        for (int stage = 0; stage < stages.size(); stage++) {
            done |= compute(stage);
        }
        done |= complete();
        return done;
    }

    int stageCount() {
        return stages.size();
    }
}
