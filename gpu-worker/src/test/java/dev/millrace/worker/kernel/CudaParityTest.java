package dev.millrace.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cuda.FakeDevice;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.StepInput;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
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
        float[] found = Rig.on(FakeDevice.open(new StepLedger(), true), step, program);
        Closeness.assertClose(found, Rig.on(new CpuDevice(1), step, program), TOLERANCE);
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
}
