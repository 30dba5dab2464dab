package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.worker.engine.LoadedPipeline.Place;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.model.HookedModel;
import dev.millrace.worker.model.TinyModel;
import dev.millrace.worker.schedule.Requests;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a step allocates on the thread of its device, kernels left out: calls of the driver, copies and the engine.
class CudaAllocationTest {

    private static final int SEQUENCES = 16;
    /// Then the same tokens are sampled again and again without being computed.
    private static final int COMPUTED_STEPS = 5;

    private static final int WARM_STEPS = 12_000;
    private static final int MEASURED_STEPS = 1_000;
    /// The smallest object there is.
    private static final int OBJECT_BYTES = 16;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"CUDA", "CUDA_WITHOUT_GRAPHS"})
    void a_decoded_token_costs_no_object(Place place) throws IOException {
        FakeDriver fake = FakeDriver.start(1);
        Path model = new TinyModel("llama", 6).number("block_count", 1).write(folder);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        AtomicLong before = new AtomicLong();
        AtomicLong after = new AtomicLong();
        int context = WARM_STEPS + MEASURED_STEPS + 50;
        StageSettings settings =
                new StageSettings(7, 0, 1, context, SEQUENCES, SEQUENCES * context / 16, 64, 64, SEQUENCES, false);
        try (LoadedPipeline loaded = new LoadedPipeline(
                model,
                settings,
                List.of(place),
                (stage, around) -> new HookedModel(around, input -> {
                    if (input.step() == COMPUTED_STEPS) {
                        fake.computes(false);
                    } else if (input.step() == WARM_STEPS) {
                        before.set(threads.getCurrentThreadAllocatedBytes());
                    } else if (input.step() == WARM_STEPS + MEASURED_STEPS) {
                        after.set(threads.getCurrentThreadAllocatedBytes());
                    }
                }))) {
            List<Submission> submissions = new ArrayList<>();
            for (int i = 0; i < SEQUENCES; i++) {
                submissions.add(new Submission(i, Requests.greedy(new int[] {i, 2 * i}, context)));
            }
            EngineClient client = loaded.pipeline.engine.connect(new AllocationTest.Drain());
            client.arrive(new ArrivalBatch(submissions, new long[0]));
            EngineTest.await(() -> after.get() > 0);
        }
        long bytes = after.get() - before.get();
        assertThat(bytes).isLessThan((long) MEASURED_STEPS * SEQUENCES * OBJECT_BYTES);
    }
}
