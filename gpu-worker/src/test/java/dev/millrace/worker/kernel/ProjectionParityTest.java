package dev.millrace.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.reference.ReferenceDevice;
import dev.millrace.worker.step.StepInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("device")
@ParameterizedClass
@EnumSource
class ProjectionParityTest {

    private static final float TOLERANCE = 1e-5f;

    private final TestDevice device;

    ProjectionParityTest(TestDevice device) {
        this.device = device;
    }

    private static int[] widths(TensorType type) {
        return type.blockElements() == 1
                ? new int[] {1, 5, 33, 128, 300}
                : new int[] {type.blockElements(), 3 * type.blockElements()};
    }

    @ParameterizedTest
    @EnumSource
    void products_are_those_of_the_reference(TensorType type) {
        int[] tokenCounts = {1, 3, 6, 17};
        boolean rounded = type.blockElements() > 1;
        assertClose(
                products(device.open(), type, tokenCounts, rounded),
                products(new ReferenceDevice(), type, tokenCounts, rounded));
    }

    @ParameterizedTest
    @EnumSource
    void inputs_are_rounded_alike_on_all_devices(TensorType type) {
        int[] tokenCounts = {1, 3, 5, 17, 64};
        assertClose(
                products(device.open(), type, tokenCounts, false),
                products(TestDevice.VECTOR.open(), type, tokenCounts, false));
    }

    private static void assertClose(List<float[]> found, List<float[]> wanted) {
        assertThat(found).hasSameSizeAs(wanted).isNotEmpty();
        for (int i = 0; i < found.size(); i++) {
            Closeness.assertClose(found.get(i), wanted.get(i), TOLERANCE);
        }
    }

    /// Products of matrices of several sizes with several numbers of rows.
    ///
    /// @param rounded whether rows are rounded before
    private static List<float[]> products(Device device, TensorType type, int[] tokenCounts, boolean rounded) {
        List<float[]> products = new ArrayList<>();
        Rig.on(device, Steps.of(1), rig -> {
            List<DeviceBuffer> sources = new ArrayList<>();
            List<Projection[]> projections = new ArrayList<>();
            for (int columns : widths(type)) {
                DeviceBuffer source = rig.memory.buffer(Rows.TOKENS, columns);
                for (int rows : new int[] {1, 63, 64, 130}) {
                    Matrix matrix = rig.memory.matrix(type, rows, columns, RandomWeights.of(type, rows, columns, 2));
                    DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, rows);
                    sources.add(source);
                    projections.add(new Projection[] {new Projection(matrix, null, target, false)});
                }
            }
            for (int tokens : tokenCounts) {
                rig.begin(Steps.of(tokens));
                for (int i = 0; i < sources.size(); i++) {
                    DeviceBuffer source = sources.get(i);
                    float[] x = Rig.random(1, tokens * source.columns());
                    if (rounded) {
                        roundToEightBits(x, type.blockElements());
                    }
                    rig.fill(source, x);
                    rig.operations().project(source, projections.get(i));
                    products.add(rig.read(projections.get(i)[0].target()));
                }
            }
            return new float[0];
        });
        return products;
    }

    /// What devices do to inputs of quantised weights; done before, it changes nothing any more.
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
    @EnumSource
    void inputs_lose_little_by_being_rounded(TensorType type) {
        int columns = Math.max(type.blockElements(), 256);
        float[] x = Rig.random(1, 20 * columns);
        Rig.Program program = rig -> multiply(rig, type, 100, columns, x);
        StepInput step = Steps.of(20);
        Closeness.assertClose(Rig.on(device.open(), step, program), Rig.onReference(step, program), 0.01f);
    }

    @ParameterizedTest
    @EnumSource
    void what_is_not_finite_stays_so(TensorType type) {
        int columns = Math.max(type.blockElements(), 32);
        float[] x = new float[2 * columns];
        x[columns - 2] = Float.NaN;
        x[2 * columns - 2] = Float.POSITIVE_INFINITY;
        float[] found = Rig.on(device.open(), Steps.of(2), rig -> multiply(rig, type, 64, columns, x));
        for (float product : found) {
            assertThat(Float.isFinite(product)).isFalse();
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
    @EnumSource
    void a_token_gets_the_same_bits_in_every_batch(TensorType type) {
        int columns = type.blockElements() == 1 ? 300 : Math.max(288 / type.blockElements(), 2) * type.blockElements();
        int rows = 100;
        float[] x = Rig.random(3, 64 * columns);
        Rig.on(device.open(), Steps.of(1), rig -> {
            DeviceBuffer source = rig.memory.buffer(Rows.TOKENS, columns);
            DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, rows);
            Matrix matrix = rig.memory.matrix(type, rows, columns, RandomWeights.of(type, rows, columns, 2));
            Projection[] projections = {new Projection(matrix, null, target, false)};
            float[] alone = new float[64 * rows];
            for (int token = 0; token < 64; token++) {
                rig.begin(Steps.of(1));
                rig.fill(source, Arrays.copyOfRange(x, token * columns, (token + 1) * columns));
                rig.operations().project(source, projections);
                System.arraycopy(rig.read(target), 0, alone, token * rows, rows);
            }
            for (int batch : device.batches()) {
                // Each batch starts elsewhere, so that tokens change their places.
                int first = batch * 5 % (65 - batch);
                rig.begin(Steps.of(batch));
                rig.fill(source, Arrays.copyOfRange(x, first * columns, (first + batch) * columns));
                rig.operations().project(source, projections);
                float[] wanted = Arrays.copyOfRange(alone, first * rows, (first + batch) * rows);
                Closeness.assertSameBits(rig.read(target), wanted);
            }
            return alone;
        });
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
        Closeness.assertClose(Rig.on(device.open(), step, program), Rig.onReference(step, program), TOLERANCE);
    }
}
