package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.Projection;
import dev.millrace.worker.kernel.RandomWeights;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.kernel.cuda.driver.Context;
import dev.millrace.worker.kernel.cuda.driver.JcudaDriver;
import dev.millrace.worker.kernel.cuda.driver.Owners;
import dev.millrace.worker.kernel.cuda.driver.PinnedBuffer;
import dev.millrace.worker.step.StepLimits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Which kernel multiplies how many rows, and that it makes no difference to them. The fake device has four processors.
class ProjectLaunchTest {

    private static final int TOKENS = 130;
    private static final int COLUMNS = 512;
    private static final int OUTPUTS = 140;

    private final Owners owners = new Owners();
    private FakeDriver fake;
    private JcudaDriver driver;
    private CudaStage stage;
    private CudaMemory memory;
    private CudaProducts products;
    private StepRows rows;

    @BeforeEach
    void open() {
        fake = FakeDriver.start(1);
        driver = JcudaDriver.open();
        owners.add(new Context(driver, 0));
        stage = CudaStage.open(driver);
        memory = CudaMemory.allocate(new StepLimits(TOKENS, 2, 64, 4, 100), stage, 1 << 20);
        rows = new StepRows(memory.scratch(256, "step"));
        long room = memory.scratch(ProductRoom.bytes(TOKENS, COLUMNS, 0), "products");
        products = new CudaProducts(stage.kernels(), stage.stream(), rows, ProductRoom.at(room, TOKENS, COLUMNS, 0));
    }

    @AfterEach
    void close() {
        memory.close();
        owners.close();
        assertThat(fake.leaks()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q5_1", "Q4_K", "Q6_K", "BF16"})
    void a_row_has_the_same_bits_whatever_multiplies_it(TensorType type) {
        Projection projection = projection(type, OUTPUTS);
        CudaBuffer source = source();
        float[] all = product(source, projection, TOKENS);
        for (int count : new int[] {1, 2, 3, 8, 9, 33, 66}) {
            assertThat(product(source, projection, count)).isEqualTo(Arrays.copyOf(all, count * OUTPUTS));
        }
    }

    @Test
    void kernels_are_chosen_by_the_number_of_rows() {
        Projection projection = projection(TensorType.Q4_K, OUTPUTS);
        CudaBuffer source = source();
        expect("project_superblocks_4", source, projection, 4);
        expect("project_tiles_superblocks_8", source, projection, 5);
        expect("project_tiles_superblocks_16", source, projection, 16);
        expect("project_tiles_superblocks_32", source, projection, ProjectLaunch.PANELS_FROM - 1);
        expect("project_panels_superblocks", source, projection, ProjectLaunch.PANELS_FROM);
    }

    @Test
    void panels_that_leave_processors_idle_are_not_chosen() {
        Projection few = projection(TensorType.Q8_0, 128);
        expect("project_tiles_blocks_32", source(), few, TOKENS);
    }

    @Test
    void values_as_they_are_have_kernels_of_their_own() {
        Projection plain = projection(TensorType.F16, 40);
        CudaBuffer source = source();
        expect("project_plain_4", source, plain, 3);
        expect("project_plain_8", source, plain, TOKENS);
    }

    private Projection projection(TensorType type, int outputs) {
        CudaMatrix matrix = memory.matrix(type, outputs, COLUMNS, RandomWeights.of(type, outputs, COLUMNS, 4));
        return new Projection(matrix, null, memory.buffer(Rows.TOKENS, outputs), false);
    }

    private CudaBuffer source() {
        memory.loaded();
        CudaBuffer buffer = memory.buffer(Rows.TOKENS, COLUMNS);
        copy(buffer.address(), MemorySegment.ofArray(KernelSteps.random(1, TOKENS * COLUMNS)));
        return buffer;
    }

    private void project(CudaBuffer source, Projection projection, int count) {
        int[] words = new int[12];
        words[6] = count;
        copy(rows.step(), MemorySegment.ofArray(words));
        rows.set(count, 0);
        products.project(source, new Projection[] {projection});
    }

    private void expect(String kernel, CudaBuffer source, Projection projection, int count) {
        fake.clearCounts();
        project(source, projection, count);
        stage.stream().synchronize();
        assertThat(fake.count("kernel " + kernel))
                .as("%s for %d rows", kernel, count)
                .isOne();
    }

    private float[] product(CudaBuffer source, Projection projection, int count) {
        project(source, projection, count);
        CudaBuffer target = (CudaBuffer) projection.target();
        long bytes = 4L * count * target.columns();
        try (PinnedBuffer pinned = new PinnedBuffer(driver, bytes, "test")) {
            driver.copyToHost(
                    pinned.address(), target.address(), bytes, stage.stream().handle());
            stage.stream().synchronize();
            return pinned.segment().toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    private void copy(long to, MemorySegment data) {
        try (PinnedBuffer pinned = new PinnedBuffer(driver, data.byteSize(), "test")) {
            pinned.segment().copyFrom(data);
            driver.copyToDevice(
                    to, pinned.address(), data.byteSize(), stage.stream().handle());
            stage.stream().synchronize();
        }
    }
}
