package dev.millrace.worker.kernel;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.step.StepInput;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProjectionParityTest {

    private static final float TOLERANCE = 1e-5f;

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void products_are_those_of_the_reference(TensorType type) {
        int[] widths = type.blockElements() == 1
                ? new int[] {1, 5, 33, 128, 300}
                : new int[] {type.blockElements(), 3 * type.blockElements()};
        for (int columns : widths) {
            for (int rows : new int[] {1, 63, 64, 130}) {
                for (int tokens : new int[] {1, 3, 6}) {
                    compare(type, rows, columns, tokens);
                }
            }
        }
    }

    private static void compare(TensorType type, int rows, int columns, int tokens) {
        float[] x = Rig.random(1, tokens * columns);
        Rig.Program program = rig -> multiply(rig, type, rows, columns, x);
        StepInput step = Steps.of(tokens);
        Closeness.assertClose(Rig.onCpu(step, program), Rig.onReference(step, program), TOLERANCE);
    }

    private static float[] multiply(Rig rig, TensorType type, int rows, int columns, float[] x) {
        DeviceBuffer source = rig.memory.buffer(Rows.TOKENS, columns);
        DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, rows);
        Matrix matrix = rig.memory.matrix(type, rows, columns, RandomWeights.of(type, rows, columns, 2));
        rig.fill(source, x);
        rig.operations().project(source, new Projection[] {new Projection(matrix, null, target, false)});
        return rig.read(target);
    }

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void a_token_gets_the_same_bits_in_every_batch(TensorType type) {
        int columns = type.blockElements() == 1 ? 300 : Math.max(288 / type.blockElements(), 2) * type.blockElements();
        int rows = 100;
        float[] x = Rig.random(3, 64 * columns);
        float[][] alone = new float[64][];
        for (int token = 0; token < 64; token++) {
            float[] one = Arrays.copyOfRange(x, token * columns, (token + 1) * columns);
            alone[token] = Rig.onCpu(Steps.of(1), rig -> multiply(rig, type, rows, columns, one));
        }
        for (int batch = 2; batch <= 64; batch++) {
            // Each batch starts elsewhere, so that tokens change their places.
            int first = batch * 5 % (65 - batch);
            float[] some = Arrays.copyOfRange(x, first * columns, (first + batch) * columns);
            float[] together = Rig.onCpu(Steps.of(batch), rig -> multiply(rig, type, rows, columns, some));
            for (int token = 0; token < batch; token++) {
                float[] found = Arrays.copyOfRange(together, token * rows, (token + 1) * rows);
                Closeness.assertSameBits(found, alone[first + token]);
            }
        }
    }

    @Test
    void several_matrices_of_other_types_share_a_row() {
        float[] x = Rig.random(4, 2 * 256);
        float[] bias = Rig.random(5, 70);
        float[] before = Rig.random(6, 2 * 33);
        Rig.Program program = rig -> {
            DeviceBuffer source = rig.memory.buffer(Rows.TOKENS, 256);
            DeviceBuffer biased = rig.memory.buffer(Rows.TOKENS, 70);
            DeviceBuffer added = rig.memory.buffer(Rows.TOKENS, 33);
            Matrix first = rig.memory.matrix(TensorType.Q4_K, 70, 256, RandomWeights.of(TensorType.Q4_K, 70, 256, 7));
            Matrix second = rig.memory.matrix(TensorType.F16, 33, 256, RandomWeights.of(TensorType.F16, 33, 256, 8));
            Projection[] both = {
                new Projection(first, rig.memory.vector(bias), biased, false), new Projection(second, null, added, true)
            };
            rig.fill(source, x);
            rig.fill(added, before);
            rig.operations().project(source, both);
            float[] result = Arrays.copyOf(rig.read(biased), 2 * 70 + 2 * 33);
            System.arraycopy(rig.read(added), 0, result, 2 * 70, 2 * 33);
            return result;
        };
        StepInput step = Steps.of(2);
        Closeness.assertClose(Rig.onCpu(step, program), Rig.onReference(step, program), TOLERANCE);
    }

    @Test
    void the_number_of_threads_changes_no_bit() {
        float[] x = Rig.random(9, 40 * 512);
        Rig.Program program = rig -> multiply(rig, TensorType.Q8_0, 1000, 512, x);
        StepInput step = Steps.of(40);
        Closeness.assertSameBits(Rig.on(new CpuDevice(3), step, program), Rig.on(new CpuDevice(1), step, program));
    }
}
