package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.worker.kernel.DeviceBuffer;
import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepInput;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("device")
class AttentionLaunchTest {

    private static final float TOLERANCE = 1e-5f;

    /// Query heads, KV heads and head size.
    private record Heads(int query, int kv, int size) {

        int width() {
            return query * size;
        }

        int kvWidth() {
            return kv * size;
        }
    }

    static Stream<Arguments> shapes() {
        List<Heads> shapes = List.of(
                new Heads(4, 2, 64),
                new Heads(1, 1, 256),
                new Heads(20, 1, 20),
                new Heads(3, 1, 33),
                new Heads(2, 1, 320));
        return shapes.stream().flatMap(shape -> Stream.of(KvType.values()).map(type -> Arguments.of(shape, type)));
    }

    /// A sequence in chunks across the ends of blocks and spans, beside two others, in the second layer of a cache.
    @ParameterizedTest
    @MethodSource("shapes")
    void attends_as_the_cpu_does(Heads heads, KvType type) {
        int[] cuts = {0, 1, 15, 17, 60, 120, 180, 240, 255, 257, 300};
        try (KernelRig gpu = new KernelRig(KernelSteps.limits(type));
                CpuRig cpu = new CpuRig(KernelSteps.limits(type))) {
            CudaBuffer keys = gpu.memory.buffer(Rows.TOKENS, heads.kvWidth());
            CudaBuffer values = gpu.memory.buffer(Rows.TOKENS, heads.kvWidth());
            CudaBuffer asking = gpu.memory.buffer(Rows.TOKENS, heads.width());
            CudaBuffer target = gpu.memory.buffer(Rows.TOKENS, heads.width());
            CudaKvCache cache = gpu.memory.kvCache(2, heads.kv(), heads.size());
            CudaKernels kernels = gpu.stage().kernels();
            CudaRopes ropes = new CudaRopes(kernels, gpu.rows, gpu.stage().stream(), List.of());
            CudaHeads storing = new CudaHeads(kernels, gpu.rows, gpu.stage().stream(), type, ropes);
            long partials =
                    gpu.memory.scratch(AttentionLaunch.partialBytes(heads.width(), heads.size()), "spans of attention");
            AttentionLaunch attention = new AttentionLaunch(kernels, gpu.rows, gpu.stage().stream(), cache, partials);
            DeviceBuffer cpuKeys = cpu.memory.buffer(Rows.TOKENS, heads.kvWidth());
            DeviceBuffer cpuValues = cpu.memory.buffer(Rows.TOKENS, heads.kvWidth());
            DeviceBuffer cpuAsking = cpu.memory.buffer(Rows.TOKENS, heads.width());
            KvCache cpuCache = cpu.memory.kvCache(2, heads.kv(), heads.size());
            for (int chunk = 1; chunk < cuts.length; chunk++) {
                int first = cuts[chunk - 1];
                int count = cuts[chunk] - first;
                StepInput step = KernelSteps.of(new int[] {chunk - 1, first, chunk - 1}, new int[] {1, count, 1});
                int rows = count + 2;
                float[] k = KernelSteps.random(first, rows * heads.kvWidth());
                float[] v = KernelSteps.random(-first - 1, rows * heads.kvWidth());
                float[] q = KernelSteps.random(first + 1000, rows * heads.width());

                Operations operations = cpu.begin(step);
                operations.upload(MemorySegment.ofArray(k), cpuKeys);
                operations.upload(MemorySegment.ofArray(v), cpuValues);
                operations.upload(MemorySegment.ofArray(q), cpuAsking);
                operations.storeKv(cpuCache, 1, cpuKeys, cpuValues);
                operations.attention(cpuCache, 1, cpuAsking, cpuAsking);

                gpu.begin(step, chunk % 3);
                gpu.fill(keys, k);
                gpu.fill(values, v);
                gpu.fill(asking, q);
                storing.store(cache, 1, keys, values);
                assertThat(attention.launch(1, asking, target, 1)).isNull();
                float[] whole = gpu.read(target);
                KernelSteps.assertClose(whole, cpu.read(operations, cpuAsking), TOLERANCE);
                RowsMaker merge = attention.launch(1, asking, asking, AttentionLaunch.splits(rows + chunk % 3, 640));
                Objects.requireNonNull(merge).launch(RoundingTargets.NONE);
                KernelSteps.assertSameBits(gpu.read(asking), whole);
            }
        }
    }

    @Test
    void few_rows_of_long_contexts_are_split() {
        assertThat(AttentionLaunch.splits(1, 256)).isEqualTo(1);
        assertThat(AttentionLaunch.splits(1, 257)).isEqualTo(2);
        assertThat(AttentionLaunch.splits(64, 8192)).isEqualTo(32);
        assertThat(AttentionLaunch.splits(64, 8193)).isEqualTo(1);
        assertThat(AttentionLaunch.splits(1, 1 << 20)).isEqualTo(1);
    }

    @Test
    void heads_that_are_too_large_are_refused() {
        try (KernelRig gpu = new KernelRig(KernelSteps.limits(KvType.F16))) {
            CudaKvCache cache = gpu.memory.kvCache(1, 1, 1025);
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> new AttentionLaunch(gpu.stage().kernels(), gpu.rows, gpu.stage().stream(), cache, 0))
                    .withMessage("a head of 1025 values; 1024 is the most on a CUDA device");
        }
    }
}
