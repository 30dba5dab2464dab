package dev.millrace.worker.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.schedule.FakeModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An engine and the stages behind it in one process, neighbours tied together by direct calls.
final class TestPipeline implements AutoCloseable {

    final StageSettings settings;
    final Engine engine;
    final EngineStatistics statistics = new EngineStatistics();
    final List<StepLedger> ledgers = new ArrayList<>();
    final List<StageRunner> runners = new ArrayList<>();
    final List<EngineFailure> failures = new CopyOnWriteArrayList<>();

    TestPipeline(StageSettings settings) {
        this(settings, model -> model);
    }

    /// One stage that takes `depth` steps at a time.
    static TestPipeline ofDepth(StageSettings settings, int depth) {
        return new TestPipeline(settings, model -> model, depth);
    }

    TestPipeline(StageSettings settings, UnaryOperator<StageModel> wrapper) {
        this(settings, wrapper, 1);
    }

    /// @param wrapper changes the model of each stage
    TestPipeline(StageSettings settings, UnaryOperator<StageModel> wrapper, int depth) {
        this(
                settings,
                (stage, ledger) ->
                        wrapper.apply(new FakeModel(stage, settings.stageCount(), settings.kvBlocks(), depth)));
    }

    /// Makes the model of a stage, whose device keeps its books in `ledger`.
    interface Models {
        StageModel stage(int stage, StepLedger ledger);
    }

    /// @param models is asked for the last stage first
    TestPipeline(StageSettings settings, Models models) {
        this.settings = settings;
        AtomicReference<@Nullable Engine> first = new AtomicReference<>();
        Handover next = null;
        for (int stage = settings.stageCount() - 1; stage >= 0; stage--) {
            StepLedger ledger = new StepLedger();
            ledgers.addFirst(ledger);
            StageModel model = models.stage(stage, ledger);
            if (stage == 0) {
                first.set(new Engine(settings, model, next, ledger, statistics, failures::add));
            } else {
                StageRunner runner = runner(at(settings, stage), model, next, ledger, first);
                runners.addFirst(runner);
                next = (input, activations) -> runner.step(input.bytes(), activations.rows(input.tokenCount()));
            }
        }
        engine = requireNonNull(first.get());
        runners.forEach(StageRunner::start);
        engine.start();
    }

    private StageRunner runner(
            StageSettings stage,
            StageModel model,
            @Nullable Handover next,
            StepLedger ledger,
            AtomicReference<@Nullable Engine> first) {
        if (next != null) {
            return StageRunner.middle(stage, model, next, ledger, failures::add);
        }
        OutputSink sink = output -> {
            Engine target = first.get();
            if (target != null) {
                target.stepOutput(output.bytes());
            }
        };
        return StageRunner.last(stage, model, sink, ledger, failures::add);
    }

    static StageSettings at(StageSettings settings, int stage) {
        return new StageSettings(
                settings.epoch(),
                stage,
                settings.stageCount(),
                settings.contextLength(),
                settings.maxSequences(),
                settings.kvBlocks(),
                settings.batchTokens(),
                settings.prefillChunkTokens(),
                settings.maxWaiting(),
                settings.prefixCache(),
                settings.kvType());
    }

    /// A roomy pipeline of that many stages.
    static StageSettings roomy(int stageCount) {
        return new StageSettings(7, 0, stageCount, 256, 33, 600, 512, 512, 64, true);
    }

    @Override
    public void close() {
        assertThat(engine.stop(Duration.ofSeconds(20))).isTrue();
        for (StageRunner runner : runners) {
            assertThat(runner.stop(Duration.ofSeconds(20))).isTrue();
        }
    }
}
