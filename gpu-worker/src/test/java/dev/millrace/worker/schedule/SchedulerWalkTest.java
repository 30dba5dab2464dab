package dev.millrace.worker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Any order of arrivals, cancellations, plans and stages at work: invariants hold after each move, and every sequence
/// that ends has the tokens that it has alone.
class SchedulerWalkTest {

    @ParameterizedTest(name = "{0} stages, {6} steps, {1} blocks, {2} sequences, batch {3}, chunk {4}, prefix {5}")
    @CsvSource({
        "1, 400, 8, 64, 32, true, 1",
        "1, 12, 8, 64, 512, true, 1",
        "1, 12, 8, 16, 16, false, 1",
        "1, 400, 8, 64, 32, true, 2",
        "1, 400, 33, 16, 16, true, 2",
        "1, 12, 8, 64, 512, true, 2",
        "1, 12, 8, 16, 16, false, 2",
        "1, 9, 3, 16, 1, true, 2",
        "1, 30, 1, 64, 16, true, 2",
        "2, 400, 33, 128, 16, true, 3",
        "2, 14, 8, 48, 32, true, 3",
        "2, 10, 4, 33, 7, true, 3",
        "3, 400, 33, 256, 512, true, 4",
        "3, 16, 12, 64, 20, true, 4",
        "3, 16, 12, 64, 16, false, 4",
        "3, 9, 3, 16, 1, true, 4",
        "4, 30, 1, 64, 16, true, 5",
    })
    void any_moves_leave_the_books_right_and_the_tokens_as_they_are_alone(
            int stages, int blocks, int sequences, int batch, int chunk, boolean prefixCache, int inFlight) {
        Random random = new Random(31L * blocks + stages);
        int context = 160;
        SchedulerSettings settings = new SchedulerSettings(
                stages, inFlight, context, FakeModel.VOCABULARY, sequences, blocks, batch, chunk, 20, prefixCache);
        SimulatedPipeline pipeline = new SimulatedPipeline(settings);
        List<Recorder> live = new ArrayList<>();
        List<Recorder> all = new ArrayList<>();
        int refused = 0;
        for (int move = 0; move < 4_000; move++) {
            switch (random.nextInt(12)) {
                case 0 -> {
                    Recorder recorder = new Recorder(Requests.any(random, settings.maxLength() - 1, 60));
                    if (pipeline.scheduler.submit(recorder.sequence) == null) {
                        live.add(recorder);
                        all.add(recorder);
                    } else {
                        refused++;
                    }
                }
                case 1 -> {
                    if (!live.isEmpty() && random.nextInt(3) == 0) {
                        Recorder recorder = live.get(random.nextInt(live.size()));
                        pipeline.scheduler.cancel(recorder.sequence);
                        live.remove(recorder);
                        all.remove(recorder);
                    }
                }
                case 2, 3, 4 -> pipeline.plan();
                case 5 -> pipeline.complete();
                default -> pipeline.compute(random.nextInt(stages));
            }
            pipeline.scheduler.check();
            live.removeIf(recorder -> recorder.reason != null);
        }
        finish(pipeline, live);

        for (Recorder recorder : all) {
            assertThat(recorder.tokens).isEqualTo(Oracle.continuation(recorder.request, settings.maxLength()));
        }
        assertThat(all).hasSizeGreaterThan(20);
        assertThat(pipeline.scheduler.runningCount() + pipeline.scheduler.waitingCount())
                .isZero();
        assertThat(pipeline.scheduler.usedBlocks()).isZero();
        assertThat(pipeline.scheduler.prefixHitTokens() > 0).isEqualTo(prefixCache);
        if (blocks < 20 && sequences > 1) {
            assertThat(pipeline.scheduler.preemptions() + refused).isPositive();
        }
    }

    private static void finish(SimulatedPipeline pipeline, List<Recorder> live) {
        int turns = 0;
        while (pipeline.turn()) {
            pipeline.scheduler.check();
            assertThat(turns++).as("turns until everything ended").isLessThan(100_000);
        }
        assertThat(live).allMatch(recorder -> recorder.reason != null);
    }
}
