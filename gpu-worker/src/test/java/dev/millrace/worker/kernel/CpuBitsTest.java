package dev.millrace.worker.kernel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.kernel.cpu.CpuKernels;
import dev.millrace.worker.step.StepInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Products have the same bits in all ways that the CPU has of making them.
class CpuBitsTest {

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

    @Test
    void the_number_of_threads_changes_no_bit() {
        float[] x = Rig.random(9, 40 * 512);
        Rig.Program program = rig -> multiply(rig, TensorType.Q8_0, 1000, 512, x);
        StepInput step = Steps.of(40);
        Closeness.assertSameBits(Rig.on(new CpuDevice(3), step, program), Rig.on(new CpuDevice(1), step, program));
    }

    private static float[] multiply(Rig rig, TensorType type, int rows, int columns, float[] x) {
        DeviceBuffer source = rig.memory.buffer(Rows.TOKENS, columns);
        DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, rows);
        Matrix matrix = rig.memory.matrix(type, rows, columns, RandomWeights.of(type, rows, columns, 2));
        rig.fill(source, x);
        rig.operations().project(source, new Projection[] {new Projection(matrix, null, target, false)});
        return rig.read(target);
    }
}
