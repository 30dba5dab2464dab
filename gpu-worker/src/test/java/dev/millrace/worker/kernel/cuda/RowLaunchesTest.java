package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.RopeFrequencies;
import dev.millrace.worker.kernel.RopePairs;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Norms, rotation and rows that change their places, against the CPU's.
@Tag("device")
class RowLaunchesTest {

    private static final float TOLERANCE = 2e-6f;
    private static final StepLimits LIMITS = KernelSteps.limits(KvType.F16);

    @ParameterizedTest
    @EnumSource
    void rotates_as_the_cpu_does(RopePairs pairs) {
        double[] radians = {1, 0.1, 0.01, 1e-4, 2, 3, 0.5};
        StepInput step = KernelSteps.of(new int[] {600, 0}, new int[] {6, 4});
        float[] x = KernelSteps.random(6, 10 * 3 * 20);
        try (KernelRig gpu = new KernelRig(LIMITS);
                CpuRig cpu = new CpuRig(LIMITS)) {
            CudaBuffer rows = gpu.memory.buffer(Rows.TOKENS, 3 * 20);
            long angles = gpu.memory.scratch(CudaRopeTable.angleBytes(radians.length, LIMITS.maxTokens()), "angles");
            CudaRopeTable table =
                    new CudaRopeTable(gpu.memory.scratch(radians, "frequencies"), 1.25f, pairs, radians.length, angles);
            gpu.memory.loaded();
            CudaHeads heads = heads(gpu, List.of(table));
            gpu.begin(step, 1);
            gpu.fill(rows, x);
            heads.turn(rows, 20, table);
            heads.settle();

            DeviceBuffer wanted = cpu.memory.buffer(Rows.TOKENS, 3 * 20);
            RopeTable cpuTable = cpu.memory.ropeTable(new RopeFrequencies(radians, 1.25f, pairs));
            Operations operations = cpu.begin(step);
            operations.upload(MemorySegment.ofArray(x), wanted);
            operations.rope(wanted, 20, cpuTable);
            KernelSteps.assertClose(gpu.read(rows), cpu.read(operations, wanted), TOLERANCE);
        }
    }

    private static CudaHeads heads(KernelRig gpu, List<CudaRopeTable> tables) {
        CudaKernels kernels = gpu.stage().kernels();
        CudaRopes ropes = new CudaRopes(kernels, gpu.rows, gpu.stage().stream(), tables);
        return new CudaHeads(kernels, gpu.rows, gpu.stage().stream(), KvType.F16, ropes);
    }

    @ParameterizedTest
    @CsvSource({"3, 1", "20, 5", "64, 4", "300, 1", "300, 2"})
    void normalises_rows_and_heads_as_the_cpu_does(int size, int count) {
        StepInput step = KernelSteps.of(new int[] {0}, new int[] {5});
        float[] x = KernelSteps.random(1, 5 * count * size);
        float[] weight = KernelSteps.random(2, size);
        try (KernelRig gpu = new KernelRig(LIMITS);
                CpuRig cpu = new CpuRig(LIMITS)) {
            CudaBuffer rows = gpu.memory.buffer(Rows.TOKENS, count * size);
            CudaVector weights = gpu.memory.vector(weight);
            gpu.memory.loaded();
            NormLaunch norm = new NormLaunch(gpu.stage().kernels(), gpu.rows, gpu.stage().stream());
            CudaHeads heads = heads(gpu, List.of());
            gpu.begin(step, 3);
            gpu.fill(rows, x);
            if (count == 1) {
                norm.set(rows, weights, 1e-5f, rows);
                norm.launch(RoundingTargets.NONE);
            } else {
                heads.norm(rows, weights, 1e-5f);
                heads.settle();
            }

            DeviceBuffer wanted = cpu.memory.buffer(Rows.TOKENS, count * size);
            DeviceVector cpuWeights = cpu.memory.vector(weight);
            Operations operations = cpu.begin(step);
            operations.upload(MemorySegment.ofArray(x), wanted);
            if (count == 1) {
                operations.rmsNorm(wanted, cpuWeights, 1e-5f, wanted);
            } else {
                operations.headNorm(wanted, cpuWeights, 1e-5f);
            }
            KernelSteps.assertClose(gpu.read(rows), cpu.read(operations, wanted), TOLERANCE);
        }
    }

    @Test
    void takes_the_rows_behind_a_step_and_gathers_those_that_are_sampled() {
        StepInput step = KernelSteps.of(new int[] {0, 3, 0}, new int[] {5, 1, 6});
        int columns = 1030;
        float[] x = KernelSteps.random(9, 12 * columns);
        float[] sampled = new float[3 * columns];
        int[] last = {4, 5, 11};
        for (int n = 0; n < last.length; n++) {
            System.arraycopy(x, last[n] * columns, sampled, n * columns, columns);
        }
        try (KernelRig gpu = new KernelRig(LIMITS)) {
            CudaBuffer tokens = gpu.memory.buffer(Rows.TOKENS, columns);
            CudaBuffer samples = gpu.memory.buffer(Rows.SAMPLES, columns);
            RowsLaunch rows = new RowsLaunch(gpu.stage().kernels(), gpu.rows, gpu.stage().stream());
            gpu.begin(step, 2, x);
            rows.take(tokens);
            rows.gather(tokens, samples);
            rows.settle();
            KernelSteps.assertSameBits(gpu.read(tokens), x);
            KernelSteps.assertSameBits(gpu.read(samples), sampled);
        }
    }
}
