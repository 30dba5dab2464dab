package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.engine.LoadedPipeline.Place;
import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cuda.FakeDevice;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.HookedModel;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.model.TinyModel;
import dev.millrace.worker.schedule.Requests;
import dev.millrace.worker.schedule.SequenceRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of an epoch, its clients and the device when a call fails in mid-step.
class CudaEngineFailuresTest {

    private static final int INVALID_VALUE = 1;
    private static final int ILLEGAL_ADDRESS = 700;
    private static final SequenceRequest GREEDY = Requests.greedy(new int[] {3, 14, 15, 9, 26, 5, 35}, 12);

    private final FakeDriver fake = FakeDriver.start(2);

    @TempDir
    private Path folder;

    private Path model = Path.of("");

    @BeforeEach
    void write_a_model() throws IOException {
        model = new TinyModel("llama", 6).write(folder);
    }

    @AfterEach
    void nothing_is_left() {
        assertThat(fake.leaks()).isEmpty();
    }

    private static StageSettings settings(int stages) {
        return new StageSettings(7, 0, stages, 64, 2, 16, 32, 32, 4, true);
    }

    /// Of which the call fails, as often as that, from the start of a step of a stage on.
    private LoadedPipeline failing(int stages, int failing, long step, String call, int nth, int code) {
        List<Place> places = List.of(Place.CUDA, Place.CUDA).subList(0, stages);
        return new LoadedPipeline(
                model,
                settings(stages),
                places,
                (stage, loaded) -> new HookedModel(loaded, input -> {
                    if (stage == failing && input.step() == step) {
                        fake.fail(stage, call, nth, code);
                    }
                }));
    }

    /// The first step is a prompt's, the second decodes by single launches, the third is recorded.
    @ParameterizedTest
    @CsvSource({
        "1, cuMemcpyHtoDAsync, 1",
        "1, cuLaunchKernel, 1",
        "2, cuLaunchKernel, 9",
        "2, cuMemcpyDtoHAsync, 1",
        "2, cuEventRecord, 1",
        "3, cuStreamBeginCapture, 1",
        "3, cuLaunchKernel, 5",
        "3, cuStreamEndCapture, 1",
        "3, cuGraphInstantiate, 1",
        "3, cuGraphLaunch, 1",
        "6, cuGraphLaunch, 1",
        "6, cuEventQuery, 1",
        "6, cuEventSynchronize, 1",
    })
    void a_refused_call_ends_the_epoch_and_the_stage_can_be_loaded_again(int step, String call, int nth) {
        List<Integer> wanted;
        try (Device device = FakeDevice.open(new StepLedger(), true)) {
            wanted = tokens(device);
        }
        try (LoadedPipeline loaded = failing(1, 0, step, call, nth, INVALID_VALUE)) {
            TestClient client = new TestClient(loaded.pipeline.engine);
            client.submit(GREEDY);
            assertThat(client.ended.orTimeout(60, TimeUnit.SECONDS).join())
                    .contains("of the first stage failed: ")
                    .contains(call)
                    .endsWith("CUDA_ERROR_INVALID_VALUE (1)");
            assertThat(loaded.pipeline.failures).hasSize(1);
            loaded.pipeline.close();
            StageModel first = loaded.models.getFirst();
            assertThat(first.thread().call(first::isBroken)).isFalse();
            assertThat(loaded.devices.getFirst().isLost()).isFalse();
            first.thread().run(first::close);
            loaded.models.clear();
            assertThat(tokens(loaded.devices.getFirst())).isEqualTo(wanted);
        }
    }

    private List<Integer> tokens(Device device) {
        StageModel stage = LoadedPipeline.load(model, settings(1), 0, device);
        try (TestPipeline pipeline = new TestPipeline(settings(1), (number, ledger) -> stage)) {
            return new TestClient(pipeline.engine).submit(GREEDY).tokens();
        } finally {
            stage.thread().run(stage::close);
        }
    }

    @Test
    void an_error_that_breaks_the_context_loses_the_device_and_leaves_nothing() {
        try (LoadedPipeline loaded = failing(1, 0, 5, "kernel attend_f16", 2, ILLEGAL_ADDRESS)) {
            TestClient client = new TestClient(loaded.pipeline.engine);
            client.submit(GREEDY);
            assertThat(client.ended.orTimeout(60, TimeUnit.SECONDS).join())
                    .contains("of the first stage failed: ")
                    .endsWith("CUDA_ERROR_ILLEGAL_ADDRESS (700)");
            loaded.pipeline.close();
            StageModel first = loaded.models.getFirst();
            assertThat(first.thread().call(first::isBroken)).isTrue();
            assertThat(loaded.devices.getFirst().isLost()).isTrue();
        }
    }

    @Test
    void an_error_in_a_later_stage_leaves_the_device_of_the_first_as_it_is() {
        try (LoadedPipeline loaded = failing(2, 1, 5, "kernel sample", 1, ILLEGAL_ADDRESS)) {
            TestClient client = new TestClient(loaded.pipeline.engine);
            client.submit(GREEDY);
            EngineTest.await(() -> !loaded.pipeline.failures.isEmpty());
            assertThat(loaded.pipeline.failures.getFirst().message())
                    .contains("of stage 1 failed: ")
                    .endsWith("CUDA_ERROR_ILLEGAL_ADDRESS (700)");
            loaded.pipeline.close();
            assertThat(loaded.devices.getFirst().isLost()).isFalse();
            assertThat(loaded.devices.getLast().isLost()).isTrue();
        }
    }

    @Test
    void a_thread_that_was_left_behind_takes_nothing_of_the_device_along() {
        try (Device device = FakeDevice.open(new StepLedger(), true)) {
            assertThat(device.isLost()).isFalse();
            device.thread().abandon();
            assertThat(tokens(device)).hasSize(12);
            // Its memory comes back with a new process only.
            assertThat(device.isLost()).isTrue();
        }
    }
}
