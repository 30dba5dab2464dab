package dev.millrace.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cuda.FakeDevice;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepInput;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Operations on a CUDA device against those on the CPU, which rounds alike.
@Tag("device")
class CudaParityTest {

    private static final float TOLERANCE = 1e-5f;

    private final FakeDriver fake = FakeDriver.start(1);

    @AfterEach
    void nothing_is_left() {
        assertThat(fake.leaks()).isEmpty();
    }

    private static void assertClose(StepInput step, Rig.Program program) {
        assertClose(KvType.F16, step, program);
    }

    private static void assertClose(KvType type, StepInput step, Rig.Program program) {
        float[] found = Rig.on(FakeDevice.open(new StepLedger(), true), Rig.limits(type), step, program);
        Closeness.assertClose(found, Rig.on(new CpuDevice(1), Rig.limits(type), step, program), TOLERANCE);
    }

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void tokens_are_embedded_exactly(TensorType type) {
        int columns = type.blockElements() == 1 ? 77 : 2 * type.blockElements();
        Rig.Program program = rig -> {
            DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, columns);
            Matrix table = rig.memory.matrix(type, 300, columns, RandomWeights.of(type, 300, columns, 1));
            rig.operations().embed(table, target);
            return rig.read(target);
        };
        StepInput step = Steps.of(70);
        float[] found = Rig.on(FakeDevice.open(new StepLedger(), true), step, program);
        Closeness.assertClose(found, Rig.onReference(step, program), 0f);
    }

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void a_block_without_attention_is_that_of_the_cpu(TensorType type) {
        int columns = Math.max(64, type.blockElements());
        for (int tokens : new int[] {1, 5}) {
            float[] x = Rig.random(tokens, tokens * columns);
            assertClose(Steps.of(tokens), rig -> {
                DeviceBuffer source = rig.memory.buffer(Rows.TOKENS, columns);
                DeviceBuffer normed = rig.memory.buffer(Rows.TOKENS, columns);
                DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, 70);
                DeviceVector weight = rig.memory.vector(Rig.random(3, columns));
                Matrix gate = random(rig, type, 256, columns, 1);
                Matrix up = random(rig, TensorType.Q8_0, 256, columns, 2);
                Matrix down = random(rig, type, 70, 256, 3);
                Matrix first = random(rig, type, 70, columns, 4);
                DeviceVector bias = rig.memory.vector(Rig.random(4, 256));
                DeviceVector outputBias = rig.memory.vector(Rig.random(5, 70));
                rig.fill(source, x);
                Operations operations = rig.operations();
                operations.rmsNorm(source, weight, 1e-5f, normed);
                operations.project(normed, new Projection[] {new Projection(first, outputBias, target, false)});
                operations.feedForward(
                        normed, new Gate(gate, bias, up, null), new Projection(down, null, target, true));
                return rig.read(target);
            });
        }
    }

    private static Matrix random(Rig rig, TensorType type, int rows, int columns, long seed) {
        return rig.memory.matrix(type, rows, columns, RandomWeights.of(type, rows, columns, seed));
    }

    @ParameterizedTest
    @EnumSource(RopePairs.class)
    void heads_are_normed_and_turned(RopePairs pairs) {
        double[] radians = {1, 0.1, 0.01};
        float[] x = Rig.random(6, 9 * 3 * 8);
        assertClose(Steps.of(new int[] {50, 0}, new int[] {5, 4}), rig -> {
            DeviceBuffer heads = rig.memory.buffer(Rows.TOKENS, 3 * 8);
            RopeTable table = rig.memory.ropeTable(new RopeFrequencies(radians, 1.25f, pairs));
            DeviceVector weight = rig.memory.vector(Rig.random(7, 8));
            rig.fill(heads, x);
            rig.operations().headNorm(heads, weight, 1e-6f);
            rig.operations().rope(heads, 8, table);
            return rig.read(heads);
        });
    }

    @ParameterizedTest
    @EnumSource(KvType.class)
    void a_long_context_is_attended_to(KvType type) {
        assertClose(type, Steps.of(1), rig -> {
            int width = 3 * 20;
            DeviceBuffer keys = rig.memory.buffer(Rows.TOKENS, 20);
            DeviceBuffer values = rig.memory.buffer(Rows.TOKENS, 20);
            DeviceBuffer queries = rig.memory.buffer(Rows.TOKENS, width);
            KvCache cache = rig.memory.kvCache(2, 1, 20);
            for (int first = 0; first < 540; first += 90) {
                rig.begin(Steps.of(new int[] {first}, new int[] {90}));
                rig.fill(keys, Rig.random(first, 90 * 20));
                rig.fill(values, Rig.random(-first, 90 * 20));
                rig.operations().storeKv(cache, 1, keys, values);
            }
            rig.fill(queries, Rig.random(1, 90 * width));
            rig.operations().attention(cache, 1, queries, queries);
            return rig.read(queries);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void rows_come_up_with_the_step_and_go_down_with_its_end(int tokens) {
        float[] x = Rig.random(1, tokens * 33);
        StepInput step = Steps.of(tokens);
        Rig.Program program = rig -> {
            DeviceBuffer rows = rig.memory.buffer(Rows.TOKENS, 33);
            Operations operations = rig.memory.operations();
            float[] found = new float[x.length];
            for (int times = 0; times < 3; times++) {
                operations.begin(step, MemorySegment.ofArray(x), rows);
                operations.end(rows);
                operations.take(MemorySegment.ofArray(found));
            }
            return found;
        };
        Closeness.assertSameBits(Rig.on(FakeDevice.open(new StepLedger(), true), step, program), x);
    }

    @Test
    void rows_that_are_sampled_are_gathered() {
        float[] x = Rig.random(9, 12 * 65);
        StepInput step = Steps.of(new int[] {0, 3, 0}, new int[] {5, 1, 6});
        Rig.Program program = rig -> {
            DeviceBuffer tokens = rig.memory.buffer(Rows.TOKENS, 65);
            DeviceBuffer samples = rig.memory.buffer(Rows.SAMPLES, 65);
            rig.fill(tokens, x);
            rig.operations().gatherSampled(tokens, samples);
            return rig.read(samples);
        };
        Closeness.assertSameBits(
                Rig.on(FakeDevice.open(new StepLedger(), true), step, program), Rig.onReference(step, program));
    }
}
