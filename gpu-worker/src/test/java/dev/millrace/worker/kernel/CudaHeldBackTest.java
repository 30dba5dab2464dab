package dev.millrace.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.cuda.FakeDevice;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.step.StepInput;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Operations whose kernels wait for the next operation, which may do more at once, leave the bits of those that do
/// not.
@Tag("device")
class CudaHeldBackTest {

    private static final int SIZE = 20;
    private static final int TOKENS = 9;
    private static final float EPSILON = 1e-6f;
    private static final StepInput STEP = Steps.of(new int[] {50, 0}, new int[] {5, 4});

    private final FakeDriver fake = FakeDriver.start(1);

    @AfterEach
    void nothing_is_left() {
        assertThat(fake.leaks()).isEmpty();
    }

    /// What a layer has between its products and attention.
    private static final class Heads {
        final Rig rig;
        final DeviceBuffer queries;
        final DeviceBuffer keys;
        final DeviceBuffer values;
        final DeviceBuffer target;
        final KvCache cache;
        final RopeTable table;
        final RopeTable other;
        final DeviceVector weight;
        final DeviceVector weightOfKeys;

        Heads(Rig rig) {
            this.rig = rig;
            queries = rig.memory.buffer(Rows.TOKENS, 4 * SIZE);
            keys = rig.memory.buffer(Rows.TOKENS, 2 * SIZE);
            values = rig.memory.buffer(Rows.TOKENS, 2 * SIZE);
            target = rig.memory.buffer(Rows.TOKENS, 4 * SIZE);
            cache = rig.memory.kvCache(2, 2, SIZE);
            double[] radians = {1, 0.1, 0.01};
            table = rig.memory.ropeTable(new RopeFrequencies(radians, 1.25f, RopePairs.HALVES));
            other = rig.memory.ropeTable(new RopeFrequencies(radians, 1, RopePairs.NEIGHBOURS));
            weight = rig.memory.vector(Rig.random(7, SIZE));
            weightOfKeys = rig.memory.vector(Rig.random(8, SIZE));
            rig.fill(queries, Rig.random(1, TOKENS * 4 * SIZE));
            rig.fill(keys, Rig.random(2, TOKENS * 2 * SIZE));
            rig.fill(values, Rig.random(3, TOKENS * 2 * SIZE));
        }

        void norm(DeviceBuffer heads, float epsilon) {
            rig.operations().headNorm(heads, heads == keys ? weightOfKeys : weight, epsilon);
        }

        void turn(DeviceBuffer heads, int size, RopeTable by) {
            rig.operations().rope(heads, size, by);
        }

        void store() {
            rig.operations().storeKv(cache, 1, keys, values);
        }
    }

    private static final Consumer<Heads> NORM_QUERIES = heads -> heads.norm(heads.queries, EPSILON);
    private static final Consumer<Heads> NORM_KEYS = heads -> heads.norm(heads.keys, EPSILON);
    private static final Consumer<Heads> TURN_QUERIES = heads -> heads.turn(heads.queries, SIZE, heads.table);
    private static final Consumer<Heads> TURN_KEYS = heads -> heads.turn(heads.keys, SIZE, heads.table);
    private static final Consumer<Heads> STORE = Heads::store;

    /// What it is, how many kernels it takes together with those for angles, and the operations.
    static Stream<Arguments> orders() {
        return Stream.of(
                order("Qwen3", 2, NORM_QUERIES, NORM_KEYS, TURN_QUERIES, TURN_KEYS, STORE),
                order("keys first", 2, TURN_KEYS, TURN_QUERIES, STORE),
                order("stored twice", 3, TURN_KEYS, STORE, STORE),
                order("other heads than those that are stored", 3, TURN_QUERIES, STORE),
                order("one of both turns", 4, NORM_QUERIES, TURN_KEYS, STORE),
                order(
                        "whatever there is",
                        10,
                        TURN_KEYS,
                        TURN_KEYS,
                        heads -> heads.turn(heads.queries, SIZE, heads.other),
                        NORM_QUERIES,
                        heads -> heads.norm(heads.keys, 0.5f),
                        heads -> heads.turn(heads.values, SIZE / 2, heads.table),
                        heads -> heads.norm(heads.values, 0.5f),
                        heads -> heads.norm(heads.queries, 0.5f),
                        heads -> heads.norm(heads.keys, 0.5f),
                        STORE));
    }

    @SafeVarargs
    private static Arguments order(String name, int launches, Consumer<Heads>... operations) {
        return Arguments.of(name, launches, List.of(operations));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("orders")
    void heads_have_the_bits_of_one_operation_after_the_other(
            String name, int launches, List<Consumer<Heads>> operations) {
        Closeness.assertSameBits(heads(operations, false), heads(operations, true));
    }

    private float[] heads(List<Consumer<Heads>> operations, boolean apart) {
        return run(STEP, rig -> {
            Heads heads = new Heads(rig);
            for (Consumer<Heads> operation : operations) {
                operation.accept(heads);
                if (apart) {
                    rig.read(heads.target);
                }
            }
            rig.operations().attention(heads.cache, 1, heads.queries, heads.target);
            return joined(
                    rig.read(heads.queries), rig.read(heads.keys), rig.read(heads.values), rig.read(heads.target));
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("orders")
    void heads_take_few_launches(String name, int launches, List<Consumer<Heads>> operations) {
        run(STEP, rig -> {
            Heads heads = new Heads(rig);
            fake.clearCounts();
            operations.forEach(operation -> operation.accept(heads));
            assertThat(fake.count("cuLaunchKernel")).isEqualTo(launches);
            return rig.read(heads.target);
        });
    }

    /// In one span, and in several, which are merged.
    @ParameterizedTest
    @ValueSource(ints = {1, 300})
    void attention_is_rounded_as_what_it_leaves(int positions) {
        Closeness.assertSameBits(attended(positions, false, false), attended(positions, true, false));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 300})
    void attention_and_products_in_two_forms_are_four_launches(int positions) {
        attended(positions, false, true);
    }

    private float[] attended(int positions, boolean apart, boolean counts) {
        int width = 256;
        return run(Steps.of(new int[] {positions - 1}, new int[] {1}), rig -> {
            DeviceBuffer queries = rig.memory.buffer(Rows.TOKENS, width);
            DeviceBuffer keys = rig.memory.buffer(Rows.TOKENS, 64);
            KvCache cache = rig.memory.kvCache(1, 1, 64);
            Projection[] projections = {product(rig, TensorType.Q4_K, width), product(rig, TensorType.Q8_0, width)};
            rig.fill(queries, Rig.random(1, width));
            rig.fill(keys, Rig.random(2, 64));
            rig.operations().storeKv(cache, 0, keys, keys);
            if (counts) {
                fake.clearCounts();
            }
            rig.operations().attention(cache, 0, queries, queries);
            if (apart) {
                rig.read(queries);
            }
            rig.operations().project(queries, projections);
            if (counts) {
                assertThat(fake.count("cuLaunchKernel")).isEqualTo(4);
            }
            return joined(rig.read(queries), rig.read(projections[0].target()), rig.read(projections[1].target()));
        });
    }

    private static Projection product(Rig rig, TensorType type, int columns) {
        Matrix matrix = rig.memory.matrix(type, 20, columns, RandomWeights.of(type, 20, columns, 1));
        return new Projection(matrix, null, rig.memory.buffer(Rows.TOKENS, 20), false);
    }

    private static float[] run(StepInput step, Rig.Program program) {
        return Rig.on(FakeDevice.open(new StepLedger(), false), step, program);
    }

    private static float[] joined(float[]... parts) {
        List<Float> all = new ArrayList<>();
        for (float[] part : parts) {
            for (float value : part) {
                all.add(value);
            }
        }
        float[] joined = new float[all.size()];
        for (int i = 0; i < joined.length; i++) {
            joined[i] = all.get(i);
        }
        return joined;
    }
}
