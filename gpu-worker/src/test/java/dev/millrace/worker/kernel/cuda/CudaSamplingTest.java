package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.reference.ReferenceDevice;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Choices on the device against the sampler of the CPU, with the same seeds.
@Tag("device")
class CudaSamplingTest {

    private static final int SAMPLES = 24;

    private final FakeDriver fake = FakeDriver.start(1);

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 300, 2000})
    void every_option_chooses_as_the_sampler_does(int vocabulary) {
        Random random = new Random(vocabulary);
        float[] logits = new float[SAMPLES * vocabulary];
        for (int i = 0; i < logits.length; i++) {
            // Some rows have equal logits.
            boolean coarse = i / vocabulary % 3 == 0;
            float value = (float) random.nextGaussian() * 3;
            logits[i] = coarse ? Math.round(value) : value;
        }
        StepInput first = step(random, vocabulary, false);
        StepInput ahead = step(random, vocabulary, true);
        List<StepOutput> wanted = sample(new ReferenceDevice(), vocabulary, first, ahead, logits);
        List<StepOutput> found = sample(FakeDevice.open(new StepLedger(), false), vocabulary, first, ahead, logits);
        assertSame(found.getFirst(), wanted.getFirst());
        assertSame(found.getLast(), wanted.getLast());
        assertThat(fake.leaks()).isEmpty();
    }

    /// @param ahead whether each sample follows one of the step before, whose token the step does not name
    private static StepInput step(Random random, int vocabulary, boolean ahead) {
        StepInputBuilder builder = new StepInputBuilder();
        for (int n = 0; n < SAMPLES; n++) {
            int position = random.nextInt(30);
            int place = SAMPLES - 1 - n;
            builder.sequence(new int[position + 1], position, 1, new int[] {2 * n, 2 * n + 1}, ahead ? place : -1);
            builder.sample(100 + n, place, parameters(random, n));
            boolean[] listed = new boolean[vocabulary];
            for (int i = 0; n % 2 == 0 && i < 20; i++) {
                int id = random.nextInt(vocabulary);
                if (!listed[id]) {
                    builder.penalty(id, random.nextInt(3), random.nextBoolean());
                }
                listed[id] = true;
            }
            for (int i = 0; n % 3 == 0 && i < 10; i++) {
                builder.bias(random.nextInt(vocabulary), (float) random.nextGaussian());
            }
        }
        StepInput step = new StepInput(64);
        builder.build(5, 9, step);
        return step;
    }

    private static SamplingParameters parameters(Random random, int n) {
        return new SamplingParameters(
                n % 5 == 0 ? 0f : 0.3f + random.nextFloat() * 1.5f,
                n % 3 == 1 ? 0.2f + 0.7f * random.nextFloat() : 1f,
                n % 4 == 1 ? 1 + random.nextInt(50) : 0,
                n % 6 == 3 ? 0.1f * random.nextFloat() : 0f,
                random.nextLong(),
                random.nextFloat(),
                random.nextFloat(),
                1 + random.nextFloat(),
                n % 4 == 2 ? random.nextInt(21) : -1);
    }

    private static void assertSame(StepOutput found, StepOutput wanted) {
        assertThat(found.count()).isEqualTo(wanted.count());
        assertThat(found.epoch()).isEqualTo(wanted.epoch());
        assertThat(found.step()).isEqualTo(wanted.step());
        for (int n = 0; n < wanted.count(); n++) {
            assertThat(found.sequence(n)).isEqualTo(wanted.sequence(n));
            assertThat(found.tokenId(n)).as("sample %d", n).isEqualTo(wanted.tokenId(n));
            assertClose(found.logprob(n), wanted.logprob(n));
            assertThat(found.topCount(n)).isEqualTo(wanted.topCount(n));
            for (int i = 0; i < wanted.topCount(n); i++) {
                assertThat(found.topTokenId(n, i)).isEqualTo(wanted.topTokenId(n, i));
                assertClose(found.topLogprob(n, i), wanted.topLogprob(n, i));
            }
        }
    }

    private static void assertClose(float found, float wanted) {
        if (Float.isNaN(wanted)) {
            assertThat(found).isNaN();
        } else {
            assertThat(found).isCloseTo(wanted, within(1e-5f));
        }
    }

    private static List<StepOutput> sample(
            Device device, int vocabulary, StepInput first, StepInput ahead, float[] logits) {
        List<StepOutput> outputs = List.of(new StepOutput(SAMPLES), new StepOutput(SAMPLES));
        on(device, vocabulary, (operations, buffer) -> {
            operations.begin(first);
            operations.upload(MemorySegment.ofArray(logits), buffer);
            operations.sample(buffer);
            operations.end();
            operations.take(outputs.getFirst());
            operations.begin(ahead);
            operations.sample(buffer);
            operations.end();
            operations.take(outputs.getLast());
        });
        return outputs;
    }

    private interface Body {
        void run(Operations operations, DeviceBuffer logits);
    }

    private static void on(Device device, int vocabulary, Body body) {
        try (device) {
            device.thread().run(() -> {
                try (DeviceMemory memory = device.allocate(new StepLimits(SAMPLES, SAMPLES, 32, 50, vocabulary))) {
                    DeviceBuffer logits = memory.buffer(Rows.SAMPLES, vocabulary);
                    body.run(memory.operations(), logits);
                }
            });
        }
    }

    @Test
    void an_id_that_only_the_device_knows_is_penalised() {
        float[] logits = {1, 5, 2, 3};
        StepInputBuilder builder = new StepInputBuilder();
        SamplingParameters once = new SamplingParameters(0f, 1f, 0, 0f, 0, 4f, 0f, 1f, -1);
        builder.sequence(new int[1], 0, 1, new int[] {0});
        builder.sample(1, 3, once);
        StepInput first = new StepInput(64);
        builder.build(1, 1, first);
        builder.clear();
        builder.sequence(new int[2], 1, 1, new int[] {0}, 3);
        builder.sample(1, 3, once);
        StepInput second = new StepInput(64);
        builder.build(1, 2, second);
        StepOutput output = new StepOutput(1);
        on(FakeDevice.open(new StepLedger(), false), logits.length, (operations, buffer) -> {
            operations.begin(first);
            operations.upload(MemorySegment.ofArray(logits), buffer);
            operations.sample(buffer);
            operations.end();
            operations.begin(second);
            operations.sample(buffer);
            operations.end();
            operations.take(output);
            assertThat(output.tokenId(0)).isEqualTo(1);
            operations.take(output);
            assertThat(output.tokenId(0)).isEqualTo(3);
        });
    }
}
