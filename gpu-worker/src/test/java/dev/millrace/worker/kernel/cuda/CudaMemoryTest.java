package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.millrace.worker.kernel.MemoryUse;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.MemoryDriver;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.StepLimits;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CudaMemoryTest {

    private static final int CHUNK = 4096;

    private final MemoryDriver driver = new MemoryDriver();

    private static StepLimits limits(KvType type) {
        return new StepLimits(8, 4, 64, 6, 100, type);
    }

    @ParameterizedTest
    @EnumSource
    void measuring_counts_what_allocating_takes(KvType type) {
        MemoryUse measured = fill(CudaMemory.measure(limits(type)));
        assertThat(driver.leaks()).isEmpty();
        MemoryUse taken = fill(CudaMemory.allocate(limits(type), CudaStage.open(driver), CHUNK));
        assertThat(taken).isEqualTo(measured);
        assertThat(driver.leaks()).isEmpty();
    }

    @Test
    void a_refusal_at_any_place_leaks_nothing() {
        int place = 0;
        boolean refused = true;
        while (refused) {
            driver.failAfter(place++);
            try {
                fill(CudaMemory.allocate(limits(KvType.F16), CudaStage.open(driver), CHUNK));
                refused = false;
            } catch (CudaException e) {
                assertThat(e.isOutOfMemory()).isTrue();
            }
            assertThat(driver.leaks()).as("after a refusal of number %d", place).isEmpty();
        }
        assertThat(place).isGreaterThan(8);
    }

    private static MemoryUse fill(CudaMemory memory) {
        try (memory) {
            memory.vector(new float[] {1, 2, 3});
            memory.scratch(new double[] {0.5}, "angles");
            memory.loaded();
            memory.buffer(Rows.TOKENS, 33);
            memory.buffer(Rows.SAMPLES, 33);
            memory.kvCache(2, 3, 20);
            return memory.use();
        }
    }

    @Test
    void what_is_given_lies_on_the_device() {
        CudaStage stage = CudaStage.open(driver);
        try (CudaMemory memory = CudaMemory.allocate(limits(KvType.F16), stage, CHUNK)) {
            CudaVector vector = memory.vector(new float[] {1, 2, 3});
            CudaKvCache cache = memory.kvCache(2, 3, 20);
            memory.loaded();
            assertThat(MemoryDriver.at(vector.address(), 12).toArray(ValueLayout.JAVA_FLOAT))
                    .containsExactly(1, 2, 3);
            long layer = 2L * 16 * 2 * 24 * 3 * 6;
            assertThat(cache.layer(1) - cache.layer(0)).isEqualTo(layer);
            assertThat(MemoryDriver.at(cache.layer(0), 2 * layer).toArray(ValueLayout.JAVA_BYTE))
                    .containsOnly(0);
        }
    }

    @Test
    void too_little_memory_says_for_what() {
        CudaStage stage = CudaStage.open(driver);
        try (CudaMemory memory = CudaMemory.allocate(limits(KvType.F16), stage, CHUNK)) {
            driver.failAfter(0);
            assertThatExceptionOfType(CudaException.class)
                    .isThrownBy(() -> memory.kvCache(2, 3, 20))
                    .withMessageContaining("KV blocks")
                    .withMessageEndingWith("CUDA_ERROR_OUT_OF_MEMORY (2)");
        }
        try (CudaMemory memory = CudaMemory.measure(new StepLimits(1 << 15, 4, 64, 6, 100))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> memory.buffer(Rows.TOKENS, 1 << 17))
                    .withMessageContaining("values of 131072 columns")
                    .withMessageEndingWith("lower the token budget");
        }
    }

    @Test
    void steps_have_no_more_tokens_than_a_grid_has_blocks() {
        try (CudaMemory memory = CudaMemory.measure(new StepLimits(65_536, 4, 64, 6, 100))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> memory.buffer(Rows.TOKENS, 16))
                    .withMessage("steps of 65536 tokens; 65535 are the most on a CUDA device; lower the token budget");
        }
    }
}
