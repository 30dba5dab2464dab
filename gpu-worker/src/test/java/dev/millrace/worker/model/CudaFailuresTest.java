package dev.millrace.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.cuda.FakeDevice;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.SamplingParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is left of a stage when its CUDA device refuses or fails.
class CudaFailuresTest {

    private static final int OUT_OF_MEMORY = 2;
    private static final int ILLEGAL_ADDRESS = 700;
    private static final int[] PROMPT = {3, 14, 15, 9, 26};

    private final FakeDriver fake = FakeDriver.start(1);

    @TempDir
    private Path folder;

    private Pipeline load(Device device) throws IOException {
        return new Pipeline(folder.resolve("tiny.gguf"), device, 1, 16, 2, 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cuMemAlloc", "cuMemHostAlloc", "cuEventCreate", "cuModuleLoadDataEx", "cuMemsetD32Async"})
    void a_refusal_at_any_call_of_a_load_leaks_nothing(String call) throws IOException {
        new TinyModel("qwen3", 8).write(folder);
        boolean refused = true;
        int refusals = 0;
        while (refused) {
            fake.fail(call, refusals + 1, OUT_OF_MEMORY);
            try (Device device = FakeDevice.open(new StepLedger(), true);
                    Pipeline pipeline = load(device)) {
                refused = fake.pendingFaults() == 0;
                assertThat(refused).as("a refusal that nobody saw").isFalse();
                assertThat(pipeline.greedy(PROMPT, 2, 16)).hasSize(2);
            } catch (IllegalStateException | CudaException e) {
                assertThat(e).hasMessageContaining(call);
                refusals++;
            }
            assertThat(fake.leaks()).isEmpty();
            assertThat(refusals).isLessThan(500);
        }
        assertThat(refusals).isPositive();
    }

    @Test
    void an_error_in_mid_step_breaks_the_stage_and_names_what_failed() throws IOException {
        new TinyModel("llama", 6).write(folder);
        try (Device device = FakeDevice.open(new StepLedger(), true)) {
            try (Pipeline pipeline = load(device)) {
                List<Pipeline.Sequence> sequences = List.of(pipeline.sequence(PROMPT, 16));
                pipeline.step(sequences, 16, SamplingParameters.GREEDY);
                assertThat(device.isLost()).isFalse();
                fake.fail("kernel attend_f16", 2, ILLEGAL_ADDRESS);
                sequences.getFirst().append(1);
                assertThatThrownBy(() -> pipeline.step(sequences, 16, SamplingParameters.GREEDY))
                        .hasMessageContaining("700");
                pipeline.drop();
                assertThat(device.isLost()).isTrue();
                assertThat(pipeline.isBroken()).isTrue();
            }
        }
    }
}
