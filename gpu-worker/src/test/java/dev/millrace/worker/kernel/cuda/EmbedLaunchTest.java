package dev.millrace.worker.kernel.cuda;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.Closeness;
import dev.millrace.worker.kernel.RandomWeights;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.PinnedBuffer;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("device")
class EmbedLaunchTest {

    private static final int ROWS = 35;
    private static final int[] SAMPLED = {34, 0, 16, 7};

    /// Rows by known ids and by places, with rows of a larger graph behind them, which nothing is written to.
    @ParameterizedTest
    @EnumSource
    void takes_the_row_of_each_id_exactly_and_of_those_that_only_the_device_knows(TensorType type) {
        int columns =
                type.blockElements() == 1 ? 1030 : Math.ceilDiv(1030, type.blockElements()) * type.blockElements();
        MemorySegment weights = RandomWeights.of(type, ROWS, columns, 1);
        int[] ids = {0, 15, 34, 33};
        StepInputBuilder builder = new StepInputBuilder();
        builder.sequence(ids, 0, ids.length, new int[] {0});
        builder.sequence(new int[1], 0, 1, new int[] {1}, 2);
        builder.sequence(new int[1], 0, 1, new int[] {2}, 0);
        StepInput step = new StepInput(64);
        builder.build(1, 1, step);
        float[] wanted = rows(type, weights, columns, 0, 15, 34, 33, SAMPLED[2], SAMPLED[0]);
        try (KernelRig gpu = new KernelRig(KernelSteps.limits(KvType.F16))) {
            CudaMatrix table = gpu.memory.matrix(type, ROWS, columns, weights);
            gpu.memory.loaded();
            long places = gpu.memory.scratch(4L * SAMPLED.length, "ids");
            try (PinnedBuffer pinned = new PinnedBuffer(gpu.stage().driver(), 4L * SAMPLED.length, "ids")) {
                MemorySegment.copy(SAMPLED, 0, pinned.segment(), ValueLayout.JAVA_INT, 0, SAMPLED.length);
                gpu.stage()
                        .driver()
                        .copyToDevice(
                                places,
                                pinned.address(),
                                pinned.bytes(),
                                gpu.stage().stream().handle());
                gpu.stage().stream().synchronize();
            }
            CudaBuffer target = gpu.memory.buffer(Rows.TOKENS, columns);
            EmbedLaunch embed = new EmbedLaunch(gpu.stage().kernels(), type, gpu.rows, gpu.stage().stream(), places);
            gpu.begin(step, 2);
            embed.launch(table, target);
            Closeness.assertSameBits(gpu.read(target), wanted);
        }
    }

    private static float[] rows(TensorType type, MemorySegment weights, int columns, int... ids) {
        float[] values = new float[ids.length * columns];
        for (int i = 0; i < ids.length; i++) {
            type.dequantize(weights, ids[i] * type.rowBytes(columns), values, i * columns, columns);
        }
        return values;
    }
}
