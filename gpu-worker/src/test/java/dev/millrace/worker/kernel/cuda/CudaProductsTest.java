package dev.millrace.worker.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.Gate;
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
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("device")
class CudaProductsTest {

    private static final int TOKENS = 5;
    private static final int COLUMNS = 512;
    private static final int GATE_ROWS = 256;

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
        int[] words = new int[64];
        words[6] = TOKENS;
        long step = memory.scratch(4L * words.length, "step");
        up(step, MemorySegment.ofArray(words));
        rows = new StepRows(step);
        // As many as a graph for more rows would have.
        rows.set(TOKENS + 3, 2);
        long room = memory.scratch(ProductRoom.bytes(TOKENS, COLUMNS, GATE_ROWS), "products");
        products = new CudaProducts(
                stage.kernels(), stage.stream(), rows, ProductRoom.at(room, TOKENS, COLUMNS, GATE_ROWS));
    }

    @AfterEach
    void close() {
        memory.close();
        owners.close();
        assertThat(fake.leaks()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void products_are_those_of_the_values_of_a_matrix(TensorType type) {
        int columns = type.blockElements() == 1 ? 300 : COLUMNS;
        int outputs = 33;
        float[] x = random(1, TOKENS * columns);
        float[] bias = random(2, outputs);
        float[] before = random(3, TOKENS * outputs);
        MemorySegment weights = RandomWeights.of(type, outputs, columns, 4);
        CudaMatrix matrix = memory.matrix(type, outputs, columns, weights);
        CudaVector added = memory.vector(bias);
        memory.loaded();
        CudaBuffer source = buffer(x, columns);
        CudaBuffer target = buffer(before, outputs);

        products.project(source, new Projection[] {new Projection(matrix, added, target, true)});

        double[] expected = product(type, weights, outputs, columns, x);
        for (int i = 0; i < expected.length; i++) {
            expected[i] += (double) bias[i % outputs] + before[i];
        }
        assertClose(down(target), expected, 1e-5);
    }

    @Test
    void rows_are_rounded_once_for_all_that_share_them_and_matrices_of_a_form_multiplied_at_once() {
        CudaBuffer source = buffer(random(1, TOKENS * COLUMNS), COLUMNS);
        Projection[] projections = {
            projection(TensorType.Q4_K),
            projection(TensorType.Q6_K),
            projection(TensorType.F16),
            projection(TensorType.Q4_K)
        };
        Projection[] inBothForms = {projections[0], projection(TensorType.Q8_0)};
        memory.loaded();
        fake.clearCounts();
        products.project(source, projections);
        stage.stream().synchronize();
        assertThat(fake.count("kernel quantize")).isEqualTo(1);
        assertThat(fake.count("cuLaunchKernel")).isEqualTo(3);
        products.project(source, inBothForms);
        stage.stream().synchronize();
        assertThat(fake.count("kernel quantize")).isEqualTo(2);
        assertThat(fake.count("cuLaunchKernel")).isEqualTo(6);
    }

    @Test
    void more_matrices_than_a_launch_takes_are_multiplied_in_several() {
        float[] x = random(1, TOKENS * COLUMNS);
        CudaBuffer source = buffer(x, COLUMNS);
        Projection[] projections = new Projection[5];
        Arrays.setAll(projections, i -> projection(TensorType.Q4_K));
        memory.loaded();
        fake.clearCounts();
        products.project(source, projections);
        float[] first = down((CudaBuffer) projections[0].target());
        for (Projection projection : projections) {
            KernelSteps.assertSameBits(down((CudaBuffer) projection.target()), first);
        }
        assertThat(fake.count("cuLaunchKernel")).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void a_norm_that_is_held_back_leaves_the_bits_of_one_that_is_not(TensorType type) {
        int columns = type.blockElements() == 1 ? 300 : COLUMNS;
        CudaMatrix matrix = memory.matrix(type, 33, columns, RandomWeights.of(type, 33, columns, 4));
        CudaMatrix other = memory.matrix(TensorType.F32, 5, columns, RandomWeights.of(TensorType.F32, 5, columns, 5));
        CudaVector weight = memory.vector(random(6, columns));
        CudaBuffer source = buffer(random(1, TOKENS * columns), columns);
        CudaBuffer normed = buffer(new float[TOKENS * columns], columns);
        Projection[] projections = {
            new Projection(matrix, null, memory.buffer(Rows.TOKENS, 33), false),
            new Projection(other, null, memory.buffer(Rows.TOKENS, 5), false)
        };
        memory.loaded();
        NormLaunch norm = new NormLaunch(stage.kernels(), rows, stage.stream());
        norm.set(source, weight, 1e-5f, normed);
        norm.launch(RoundingTargets.NONE);
        products.project(normed, projections);
        float[] apart = down(normed);
        float[] wanted = down((CudaBuffer) projections[0].target());
        float[] otherWanted = down((CudaBuffer) projections[1].target());
        up(normed.address(), MemorySegment.ofArray(new float[TOKENS * columns]));

        norm.set(source, weight, 1e-5f, normed);
        products.hold(norm);
        products.project(normed, projections);
        KernelSteps.assertSameBits(down(normed), apart);
        KernelSteps.assertSameBits(down((CudaBuffer) projections[0].target()), wanted);
        KernelSteps.assertSameBits(down((CudaBuffer) projections[1].target()), otherWanted);
    }

    @Test
    void rows_that_are_held_back_are_made_before_others_are_multiplied() {
        CudaVector weight = memory.vector(random(6, COLUMNS));
        float[] x = random(1, TOKENS * COLUMNS);
        CudaBuffer source = buffer(x, COLUMNS);
        CudaBuffer normed = buffer(new float[TOKENS * COLUMNS], COLUMNS);
        Projection[] projections = {projection(TensorType.Q8_0)};
        memory.loaded();
        NormLaunch norm = new NormLaunch(stage.kernels(), rows, stage.stream());
        fake.clearCounts();
        norm.set(source, weight, 1e-5f, normed);
        products.hold(norm);
        products.project(source, projections);
        stage.stream().synchronize();
        assertThat(fake.count("kernel rms_norm")).isEqualTo(1);
        assertThat(fake.count("kernel quantize")).isEqualTo(1);
        products.hold(norm);
        products.project(normed, projections);
        stage.stream().synchronize();
        assertThat(fake.count("kernel rms_norm")).isEqualTo(2);
        assertThat(fake.count("kernel quantize")).isEqualTo(1);
        products.settle();
        products.hold(norm);
        products.forget();
        products.settle();
        stage.stream().synchronize();
        assertThat(fake.count("kernel rms_norm")).isEqualTo(2);
    }

    @Test
    void a_feed_forward_gates_what_goes_down() {
        float[] x = random(1, TOKENS * COLUMNS);
        MemorySegment gates = RandomWeights.of(TensorType.Q8_0, GATE_ROWS, COLUMNS, 5);
        MemorySegment ups = RandomWeights.of(TensorType.F16, GATE_ROWS, COLUMNS, 6);
        MemorySegment downs = RandomWeights.of(TensorType.Q4_K, 40, GATE_ROWS, 7);
        float[] bias = random(8, GATE_ROWS);
        CudaMatrix gate = memory.matrix(TensorType.Q8_0, GATE_ROWS, COLUMNS, gates);
        CudaMatrix up = memory.matrix(TensorType.F16, GATE_ROWS, COLUMNS, ups);
        CudaMatrix down = memory.matrix(TensorType.Q4_K, 40, GATE_ROWS, downs);
        CudaVector gateBias = memory.vector(bias);
        CudaBuffer source = buffer(x, COLUMNS);
        CudaBuffer target = buffer(new float[TOKENS * 40], 40);
        memory.loaded();

        products.feedForward(source, new Gate(gate, gateBias, up, null), new Projection(down, null, target, false));

        double[] gated = product(TensorType.Q8_0, gates, GATE_ROWS, COLUMNS, x);
        double[] raised = product(TensorType.F16, ups, GATE_ROWS, COLUMNS, x);
        float[] middle = new float[gated.length];
        for (int i = 0; i < middle.length; i++) {
            double g = gated[i] + bias[i % GATE_ROWS];
            middle[i] = (float) (g / (1 + Math.exp(-g)) * raised[i]);
        }
        // A value at the limit between two roundings may go to either.
        assertClose(down(target), product(TensorType.Q4_K, downs, 40, GATE_ROWS, middle), 5e-3);
    }

    private Projection projection(TensorType type) {
        CudaMatrix matrix = memory.matrix(type, 16, COLUMNS, RandomWeights.of(type, 16, COLUMNS, 9));
        return new Projection(matrix, null, memory.buffer(Rows.TOKENS, 16), false);
    }

    private CudaBuffer buffer(float[] values, int columns) {
        CudaBuffer buffer = memory.buffer(Rows.TOKENS, columns);
        up(buffer.address(), MemorySegment.ofArray(values));
        return buffer;
    }

    private void up(long to, MemorySegment data) {
        try (PinnedBuffer pinned = new PinnedBuffer(driver, data.byteSize(), "test")) {
            pinned.segment().copyFrom(data);
            driver.copyToDevice(
                    to, pinned.address(), data.byteSize(), stage.stream().handle());
            stage.stream().synchronize();
        }
    }

    private float[] down(CudaBuffer buffer) {
        long bytes = 4L * TOKENS * buffer.columns();
        try (PinnedBuffer pinned = new PinnedBuffer(driver, bytes, "test")) {
            driver.copyToHost(
                    pinned.address(), buffer.address(), bytes, stage.stream().handle());
            stage.stream().synchronize();
            return pinned.segment().toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    private static double[] product(TensorType type, MemorySegment weights, int rows, int columns, float[] x) {
        float[] values = new float[rows * columns];
        type.dequantize(weights, 0, values, 0, values.length);
        double[] rounded = rounded(type, x);
        double[] products = new double[x.length / columns * rows];
        for (int i = 0; i < products.length; i++) {
            for (int column = 0; column < columns; column++) {
                products[i] += rounded[i / rows * columns + column] * values[i % rows * columns + column];
            }
        }
        return products;
    }

    /// What rounding to 8 bits leaves of `x` for weights of that type.
    private static double[] rounded(TensorType type, float[] x) {
        double[] values = new double[x.length];
        int block = type.blockElements();
        for (int i = 0; i < x.length; i++) {
            if (block == 1) {
                values[i] = x[i];
                continue;
            }
            float most = 0;
            for (int other = i / block * block; other < (i / block + 1) * block; other++) {
                most = Math.max(most, Math.abs(x[other]));
            }
            float scale = most / 127;
            values[i] = scale * Math.rint(x[i] * (1 / scale));
        }
        return values;
    }

    private static void assertClose(float[] found, double[] expected, double tolerance) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            assertThat(Math.abs(found[i] - expected[i])).as("value %d", i).isLessThanOrEqualTo(tolerance * largest);
        }
    }

    private static float[] random(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
