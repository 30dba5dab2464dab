package dev.millrace.worker.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.FakeDevice;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a CUDA device draws: the tokens of the CPU's sampler, seed by seed, and so often as they are likely.
@Tag("device")
class CudaDrawingTest {

    private static final float[] LOGITS = {1.5f, -0.5f, 2f, 0f, 1f, 2f, -30f, 0.25f, -1f, 0.5f};
    private static final int BATCH = 64;
    private static final int BATCHES = 8;
    private static final long FIRST_SEED = 1000;

    @ParameterizedTest
    @CsvSource({"0.7, 1, 0, 0", "1.3, 0.9, 0, 0", "1, 1, 3, 0", "1, 1, 0, 0.2", "1, 0.95, 7, 0.1"})
    void draws_follow_the_distribution(float temperature, float topP, int topK, float minP) {
        FakeDriver.start(1);
        int[] ids = draw(temperature, topP, topK, minP);
        int[] counts = new int[LOGITS.length];
        for (int i = 0; i < ids.length; i++) {
            int wanted = Drawing.token(LOGITS, Drawing.parameters(temperature, topP, topK, minP, FIRST_SEED + i), 5);
            assertThat(ids[i]).as("draw %d", i).isEqualTo(wanted);
            counts[ids[i]]++;
        }
        double[] expected = Drawing.expected(LOGITS, temperature, topP, topK, minP);
        double chiSquare = 0;
        for (int id = 0; id < LOGITS.length; id++) {
            if (expected[id] < 1e-6) {
                assertThat(counts[id])
                        .as("draws of token %d, which is cut off", id)
                        .isZero();
            } else {
                double difference = counts[id] - expected[id] * ids.length;
                chiSquare += difference * difference / (expected[id] * ids.length);
            }
        }
        // With at most 9 degrees of freedom less than one in a thousand fair samplers exceeds this; seeds are fixed.
        assertThat(chiSquare).isLessThan(27.9);
    }

    private static int[] draw(float temperature, float topP, int topK, float minP) {
        float[] logits = new float[BATCH * LOGITS.length];
        for (int n = 0; n < BATCH; n++) {
            System.arraycopy(LOGITS, 0, logits, n * LOGITS.length, LOGITS.length);
        }
        int[] ids = new int[BATCHES * BATCH];
        StepLimits limits = new StepLimits(BATCH, BATCH, 16, BATCH, LOGITS.length);
        try (Device device = FakeDevice.open(new StepLedger(), false)) {
            device.thread().run(() -> {
                try (DeviceMemory memory = device.allocate(limits)) {
                    DeviceBuffer buffer = memory.buffer(Rows.SAMPLES, LOGITS.length);
                    Operations operations = memory.operations();
                    StepOutput output = new StepOutput(BATCH);
                    for (int batch = 0; batch < BATCHES; batch++) {
                        operations.begin(step(FIRST_SEED + batch * BATCH, temperature, topP, topK, minP));
                        operations.upload(MemorySegment.ofArray(logits), buffer);
                        operations.sample(buffer);
                        operations.end();
                        operations.take(output);
                        for (int n = 0; n < BATCH; n++) {
                            ids[batch * BATCH + n] = output.tokenId(n);
                        }
                    }
                }
            });
        }
        return ids;
    }

    /// Samples for position 5, each with a seed of its own.
    private static StepInput step(long firstSeed, float temperature, float topP, int topK, float minP) {
        StepInputBuilder builder = new StepInputBuilder();
        for (int n = 0; n < BATCH; n++) {
            builder.sequence(new int[5], 4, 1, new int[] {n});
            builder.sample(n, n, Drawing.parameters(temperature, topP, topK, minP, firstSeed + n));
        }
        StepInput step = new StepInput(64);
        builder.build(1, 1, step);
        return step;
    }
}
