package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.kernel.RandomWeights;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Context;
import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.Driver;
import dev.millrace.worker.kernel.cuda.driver.JcudaDriver;
import dev.millrace.worker.step.StepLimits;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Loading a stage through the binding, on the driver that computes on the CPU.
@Tag("device")
class CudaLoadTest {

    private static final int OUT_OF_MEMORY = 2;
    private static final int ILLEGAL_ADDRESS = 700;
    private static final int ROWS = 35;
    private static final int COLUMNS = 256;
    /// 16 rows of F32 and a bit.
    private static final int CHUNK = 20_000;

    private static final StepLimits LIMITS = new StepLimits(8, 4, 64, 6, 100);

    private final FakeDriver fake = FakeDriver.start(1);

    /// All types, a vector, buffers and KV blocks.
    private static MemoryUse load(Driver driver, BiConsumer<CudaMemory, MemoryUse> check) {
        try (Context context = new Context(driver, 0);
                CudaMemory memory = CudaMemory.allocate(LIMITS, CudaStage.open(driver), CHUNK)) {
            context.makeCurrent();
            for (TensorType type : TensorType.values()) {
                memory.matrix(type, ROWS, COLUMNS, RandomWeights.of(type, ROWS, COLUMNS, 1));
            }
            memory.vector(new float[COLUMNS]);
            memory.loaded();
            memory.buffer(Rows.TOKENS, COLUMNS);
            memory.kvCache(2, 3, 20);
            check.accept(memory, memory.use());
            return memory.use();
        }
    }

    @Test
    void what_is_taken_is_what_is_counted() {
        load(JcudaDriver.open(), (memory, use) -> assertThat(fake.takenBytes(0)).isEqualTo(use.totalBytes()));
        assertThat(fake.leaks()).isEmpty();
        assertThat(fake.takenBytes(0)).isZero();
        // F32 in three chunks, F16 and BF16 in two, everything else in one.
        assertThat(fake.count("cuMemcpyHtoDAsync")).isEqualTo(3 + 2 * 2 + 8 + 1);
        assertThat(fake.count("cuMemcpyHtoD")).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cuDevicePrimaryCtxRetain",
                "cuCtxSetCurrent",
                "cuStreamCreate",
                "cuEventCreate",
                "cuMemHostAlloc",
                "cuMemAlloc",
                "cuModuleLoadDataEx",
                "cuMemcpyHtoDAsync",
                "cuLaunchKernel"
            })
    void a_refusal_at_any_call_leaks_nothing_and_the_next_load_works(String call) {
        Driver driver = JcudaDriver.open();
        int refusals = 0;
        boolean refused = true;
        while (refused) {
            fake.fail(call, refusals + 1, OUT_OF_MEMORY);
            try {
                load(driver, (memory, use) -> {});
                refused = false;
            } catch (CudaException e) {
                assertThat(e).hasMessageStartingWith(call).hasMessageEndingWith("CUDA_ERROR_OUT_OF_MEMORY (2)");
                refusals++;
            }
            assertThat(fake.leaks())
                    .as("after %s failed %d times", call, refusals)
                    .isEmpty();
        }
        assertThat(refusals).isPositive();
        assertThat(fake.pendingFaults()).isOne();
    }

    @Test
    void a_kernel_that_breaks_the_context_is_told_from_one_that_does_not_start() {
        fake.fail("kernel repack_q8_0", 1, ILLEGAL_ADDRESS);
        assertThatExceptionOfType(CudaException.class)
                .isThrownBy(() -> load(JcudaDriver.open(), (memory, use) -> {}))
                .satisfies(e -> assertThat(e.isSticky()).isTrue());
        fake.reset(1);
        fake.fail("cuLaunchKernel", 1, 1);
        assertThatExceptionOfType(CudaException.class)
                .isThrownBy(() -> load(JcudaDriver.open(), (memory, use) -> {}))
                .withMessage("cuLaunchKernel for repack_f32 over 1 x 4 x 1 blocks of 32 threads"
                        + " with 0 bytes of shared memory: CUDA_ERROR_INVALID_VALUE (1)")
                .satisfies(e -> assertThat(e.isSticky()).isFalse());
        assertThat(fake.leaks()).isEmpty();
    }
}
