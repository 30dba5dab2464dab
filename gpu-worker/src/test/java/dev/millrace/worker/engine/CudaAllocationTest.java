package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.worker.engine.LoadedPipeline.Place;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.model.HookedModel;
import dev.millrace.worker.model.TinyModel;
import dev.millrace.worker.schedule.Requests;
import dev.millrace.worker.step.StepInput;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a step allocates on the thread of its device, kernels left out: calls of the driver, copies and the engine.
class CudaAllocationTest {

    private static final int SEQUENCES = 16;
    /// Then the same tokens are sampled again and again without being computed.
    private static final int COMPUTED_STEPS = 5;

    private static final int WINDOW_STEPS = 1_000;
    /// How long it may take until everything is compiled.
    private static final int MOST_STEPS = 30_000;
    /// The smallest object there is.
    private static final int OBJECT_BYTES = 16;

    private final FakeDriver fake = FakeDriver.start(1);

    @TempDir
    private Path folder;

    /// Measures between the starts of steps, on their thread.
    private final class Meter {

        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final CountDownLatch done = new CountDownLatch(1);
        private long before;
        private long least = Long.MAX_VALUE;

        void start(StepInput input) {
            if (input.step() == COMPUTED_STEPS) {
                fake.computes(false);
            }
            if (input.step() % WINDOW_STEPS == 0) {
                long now = threads.getCurrentThreadAllocatedBytes();
                least = before > 0 ? Math.min(least, now - before) : least;
                if (input.step() == MOST_STEPS || least < WINDOW_STEPS * OBJECT_BYTES) {
                    done.countDown();
                }
                before = threads.getCurrentThreadAllocatedBytes();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CUDA", "CUDA_WITHOUT_GRAPHS"})
    void a_step_costs_no_object(Place place) throws IOException, InterruptedException {
        Path model = new TinyModel("llama", 6).number("block_count", 1).write(folder);
        int context = MOST_STEPS + 100;
        StageSettings settings =
                new StageSettings(7, 0, 1, context, SEQUENCES, SEQUENCES * context / 16, 64, 64, SEQUENCES, false);
        Meter meter = new Meter();
        try (LoadedPipeline loaded = new LoadedPipeline(
                model, settings, List.of(place), (stage, around) -> new HookedModel(around, meter::start))) {
            List<Submission> submissions = new ArrayList<>();
            for (int i = 0; i < SEQUENCES; i++) {
                submissions.add(new Submission(i, Requests.greedy(new int[] {i, 2 * i}, context)));
            }
            EngineClient client = loaded.pipeline.engine.connect(new AllocationTest.Drain());
            client.arrive(new ArrivalBatch(submissions, new long[0]));
            assertThat(meter.done.await(120, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(meter.least).isLessThan(WINDOW_STEPS * OBJECT_BYTES);
    }
}
