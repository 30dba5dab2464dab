package dev.millrace.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cpu.CpuKernels;
import dev.millrace.worker.step.StepInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProjectionParityTest {

    private static final float TOLERANCE = 1e-5f;

    /// Every type with each kind of kernels that is there.
    static List<Arguments> kernels() {
        List<Arguments> all = new ArrayList<>();
        for (TensorType type : TensorType.values()) {
            all.add(Arguments.of(type, CpuKernels.VECTOR));
            if (CpuKernels.whyNotNative() == null) {
                all.add(Arguments.of(type, CpuKernels.NATIVE));
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void products_are_those_of_the_reference(TensorType type, CpuKernels kernels) {
        int[] widths = type.blockElements() == 1
                ? new int[] {1, 5, 33, 128, 300}
                : new int[] {type.blockElements(), 3 * type.blockElements()};
        for (int columns : widths) {
            for (int rows : new int[] {1, 63, 64, 130}) {
                for (int tokens : new int[] {1, 3, 6, 17}) {
                    float[] x = Rig.random(1, tokens * columns);
                    if (type.blockElements() > 1) {
                        roundToEightBits(x, type.blockElements());
                    }
                    Rig.Program program = rig -> multiply(rig, type, rows, columns, x);
                    StepInput step = Steps.of(tokens);
                    float[] found = Rig.on(new CpuDevice(1, kernels), step, program);
                    Closeness.assertClose(found, Rig.onReference(step, program), TOLERANCE);
                }
            }
        }
    }

    /// What the CPU does to inputs of quantised weights; done before, it changes nothing any more.
    private static void roundToEightBits(float[] x, int columns) {
        for (int block = 0; block < x.length; block += columns) {
            float most = 0;
            for (int i = block; i < block + columns; i++) {
                most = Math.max(most, Math.abs(x[i]));
            }
            for (int i = block; i < block + columns; i++) {
                x[i] = Math.round(x[i] * 127 / most) * (most / 127);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void inputs_lose_little_by_being_rounded(TensorType type, CpuKernels kernels) {
        int columns = Math.max(type.blockElements(), 256);
        float[] x = Rig.random(1, 20 * columns);
        Rig.Program program = rig -> multiply(rig, type, 100, columns, x);
        StepInput step = Steps.of(20);
        Closeness.assertClose(Rig.on(new CpuDevice(1, kernels), step, program), Rig.onReference(step, program), 0.01f);
    }

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void native_kernels_give_the_same_bits_as_those_in_java(TensorType type) {
        assumeTrue(CpuKernels.whyNotNative() == null, () -> "no native kernels: " + CpuKernels.whyNotNative());
        int columns = 3 * Math.max(type.blockElements(), 32);
        for (int tokens : new int[] {1, 2, 3, 4, 5, 15, 16, 17, 33, 64}) {
            float[] x = Rig.random(tokens, tokens * columns);
            x[columns - 1] = 1e30f;
            Rig.Program program = rig -> multiply(rig, type, 130, columns, x);
            StepInput step = Steps.of(tokens);
            Closeness.assertSameBits(
                    Rig.on(new CpuDevice(1, CpuKernels.NATIVE), step, program),
                    Rig.on(new CpuDevice(2, CpuKernels.VECTOR), step, program));
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void what_is_not_finite_stays_so(TensorType type, CpuKernels kernels) {
        int columns = Math.max(type.blockElements(), 32);
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            float[] x = new float[columns];
            x[columns - 2] = value;
            float[] found = Rig.on(new CpuDevice(1, kernels), Steps.of(1), rig -> multiply(rig, type, 64, columns, x));
            for (float product : found) {
                assertThat(Float.isFinite(product)).isFalse();
            }
        }
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
    @MethodSource("kernels")
    void a_token_gets_the_same_bits_in_every_batch(TensorType type, CpuKernels kernels) {
        int columns = type.blockElements() == 1 ? 300 : Math.max(288 / type.blockElements(), 2) * type.blockElements();
        int rows = 100;
        float[] x = Rig.random(3, 64 * columns);
        float[][] alone = new float[64][];
        for (int token = 0; token < 64; token++) {
            float[] one = Arrays.copyOfRange(x, token * columns, (token + 1) * columns);
            alone[token] =
                    Rig.on(new CpuDevice(1, kernels), Steps.of(1), rig -> multiply(rig, type, rows, columns, one));
        }
        for (int batch = 2; batch <= 64; batch++) {
            // Each batch starts elsewhere, so that tokens change their places.
            int first = batch * 5 % (65 - batch);
            float[] some = Arrays.copyOfRange(x, first * columns, (first + batch) * columns);
            float[] together =
                    Rig.on(new CpuDevice(1, kernels), Steps.of(batch), rig -> multiply(rig, type, rows, columns, some));
            for (int token = 0; token < batch; token++) {
                float[] found = Arrays.copyOfRange(together, token * rows, (token + 1) * rows);
                Closeness.assertSameBits(found, alone[first + token]);
            }
        }
    }

    @Test
    void several_matrices_of_other_types_share_a_row() {
        float[] x = Rig.random(4, 2 * 256);
        roundToEightBits(x, 256);
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
